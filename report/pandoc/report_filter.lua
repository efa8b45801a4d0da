--[[ Pandoc filter for the report: numbering, references, figures, tables, formulas and sounds,
for the HTML and Typst writers.

    ::: {#fig-x}        a figure: an image, then its caption; #tbl-x and #eq-x likewise
    @fig-x              a reference, «figura 3»; [-@fig-x] is the number only, and
                        [-@fig-x; -@fig-y; -@fig-z] a range of consecutive numbers, «3-5»
    [@kingma2015]       a citation, for pandoc's citeproc
    ![song](a.flac)     a player in HTML; in Typst, a link to the site, or an attached file
    [map](explorar.html)  a page of the site; in Typst, at the site's address, if it has one
    [9,6]{.n numero="a.b" paso="p3"}  a number: in HTML, a link to the step that computed it
    [$x$]{alt="equis"}  a formula with its alt text; by default, its TeX code
    [ (@fig-x)]{.opcional}  left out if the report lacks something that it refers to
    ![song](a.flac "18 376")  it reads «▶ 18 376» in Typst; by default, the count that the alt names
    .solo-web .solo-pdf on a block or [words]{.solo-pdf}: included in one output only; figures, tables and formulas
                        for the web are numbered apart (S1, S2…), so that the PDF's keep theirs
    .pagina             on a heading: starts a page of the site
    .quieta             on a chapter or a figure: its figures, or it, do not float (PDF only)
    .plegable           a title and a table, collapsed in a <details> (HTML only)

Pandoc's own captioned tables and figures come from plain_markdown.lua as these, of class .suelta.

Duplicate, unknown and unreferenced ids are errors, and so are images without alt text and images
that are neither a figure of the report nor a picture beside the chapters. ]]

local typst = FORMAT == "typst"
local function fail(message) error(message, 0) end  -- without the place in this filter
local words, site
local pictures = {}   -- source of a picture beside the chapters -> true
local functions = {}  -- class of a block that the PDF's template has a function for -> true

local KINDS = { fig = "figure", tbl = "table", eq = "equation", sec = "section" }
local numbers = {}    -- id -> number, as text
local nouns = {}      -- id -> key in words of the noun before its number
local mentioned = {}  -- id -> true if referenced
local pages = {}      -- id -> name of its page of the site
local anchors = {}    -- id of any block -> true
local floats = {}     -- id of a figure or table that floats -> where to, in Typst
local attached = {}   -- sound that is attached to the PDF -> true
local attachments = pandoc.List()  -- Typst code that attaches them
local web_only = {}   -- id of a figure, table or equation that the PDF lacks -> true

local function text(inlines) return pandoc.utils.stringify(inlines) end

local function kind_of(id) return KINDS[id:match("^(%a+)%-") or ""] end

local function raw(code)
  return pandoc.RawInline(typst and "typst" or "html", code)
end

local function raw_block(code)
  return pandoc.RawBlock(typst and "typst" or "html", code)
end

local function html_escape(value)
  return (value:gsub("[&<>\"']", {
    ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;",
  }))
end

local function typst_string(value)
  return '"' .. value:gsub("\\", "\\\\"):gsub('"', '\\"') .. '"'
end

local function write(blocks)
  local options = pandoc.WriterOptions { html_math_method = "mathml" }
  return (pandoc.write(pandoc.Pandoc(blocks), typst and "typst" or "html5", options):gsub("%s+$", ""))
end

-- Numbers -----------------------------------------------------------------------------------

local function declare(id, number, noun)
  if numbers[id] then fail("the id #" .. id .. " is used twice") end
  numbers[id] = number
  nouns[id] = noun
end

local function number_everything(blocks)
  local counts = { figure = 0, table = 0, equation = 0 }
  local web_counts = { figure = 0, table = 0, equation = 0 }
  local chapter, section, appendix, page = 0, 0, false, "informe"
  pandoc.Pandoc(blocks):walk {
    traverse = "topdown",
    Header = function(header)
      if header.classes:includes("pagina") then
        page = "informe-" .. header.identifier:gsub("^sec%-", "")
      end
      if header.classes:includes("unnumbered") or header.level > 2 then return nil end
      if header.level == 1 then
        if header.classes:includes("apendice") and not appendix then
          appendix, chapter = true, 0
        end
        chapter, section = chapter + 1, 0
      else
        section = section + 1
      end
      local number = appendix and string.char(64 + chapter) or tostring(chapter)
      if header.level == 2 then number = number .. "." .. section end
      declare(header.identifier, number,
        header.level == 2 and "section" or appendix and "appendix" or "chapter")
    end,
    Div = function(div)
      local kind = div.identifier ~= "" and kind_of(div.identifier)
      anchors[div.identifier], pages[div.identifier] = true, page
      if kind then
        local found = web_only[div.identifier] and web_counts or counts
        found[kind] = found[kind] + 1
        mentioned[div.identifier] = div.classes:includes("suelta") or nil
        declare(div.identifier, (found == web_counts and "S" or "") .. found[kind], kind)
      end
    end,
  }
end

-- Floats ------------------------------------------------------------------------------------

-- Space is measured in characters of text; a page has 4700. A figure goes to the nearer end of its
-- page, so more space than this between it and a heading puts that heading on another page.
local NEAR = 1900
-- The least space that something else takes, with its caption.
local SPACE = { figure = 800, table = 500, equation = 200 }
local HEADING_SPACE = 200

-- A figure goes to the nearest end of its page, but not above its chapter nor below the next one.
local function place_floats(blocks)
  local since, waiting, still = 0, {}, false
  local function place_all()
    for id, before in pairs(waiting) do
      local after = since - before - SPACE[kind_of(id)]
      local near_start, near_end = before < NEAR, after < NEAR
      if near_start and after < 2 * NEAR or near_end and before < 2 * NEAR then
        floats[id] = nil
      else
        floats[id] = near_start and "bottom" or near_end and "top" or "auto"
      end
    end
    since, waiting = 0, {}
  end
  for _, block in ipairs(blocks) do
    if block.t == "Header" and block.level == 1 then
      place_all()
      still = block.classes:includes("quieta")
    elseif block.t == "Div" and kind_of(block.identifier) then
      if not still and not block.classes:includes("quieta") then
        waiting[block.identifier] = since
      end
      since = since + SPACE[kind_of(block.identifier)]
    else
      since = since + (block.t == "Header" and HEADING_SPACE or utf8.len(text(block)))
    end
  end
  place_all()
end

local function float(id, code)
  if not floats[id] then return code end
  return "#[\n#set figure(placement: " .. floats[id] .. ")\n" .. code .. "\n]"
end

-- References --------------------------------------------------------------------------------

-- [-@fig-a; -@fig-b; -@fig-c]: consecutive numbers, written as the first and the last.
local function range(cite)
  local first, last = cite.citations[1].id, cite.citations[#cite.citations].id
  for _, citation in ipairs(cite.citations) do
    if not numbers[citation.id] then fail("unknown reference @" .. citation.id) end
    mentioned[citation.id] = true
    local kind = kind_of(citation.id)
    if kind == "section" or kind ~= kind_of(first) then
      fail("the range from @" .. first .. " must have figures only, tables only or equations only")
    end
  end
  local function place(id) return tonumber((numbers[id]:gsub("^S", ""))) end
  if place(last) - place(first) ~= #cite.citations - 1 then
    fail("the range from @" .. first .. " to @" .. last .. " is not numbered consecutively")
  end
  local function bare(id)
    if typst then return raw("#ref(<" .. id .. ">, supplement: none)") end
    return pandoc.Link(numbers[id], "#" .. id)
  end
  return { bare(first), pandoc.Str("-"), bare(last) }
end

local function reference(cite)
  if #cite.citations > 1 and kind_of(cite.citations[1].id) then return range(cite) end
  if #cite.citations ~= 1 then return nil end
  local citation = cite.citations[1]
  local id = citation.id
  if not kind_of(id) then return nil end
  if not numbers[id] then fail("unknown reference @" .. id) end
  mentioned[id] = true
  local bare = citation.mode == "SuppressAuthor"
  if typst then
    local noun = bare and "none" or "[" .. words[nouns[id]] .. "]"
    return raw("#ref(<" .. id .. ">, supplement: " .. noun .. ")")
  end
  local noun = bare and "" or words[nouns[id]] .. "\u{a0}"
  return pandoc.Link(noun .. numbers[id], "#" .. id)
end

-- Cite papers, after all other references have been replaced. Citeproc gets only the citations,
-- one per paragraph, because passing it the whole report is slow.
local function cite_papers(doc)
  local blocks = pandoc.List()
  doc:walk { Cite = function(cite) blocks:insert(pandoc.Para { cite }) end }
  blocks:insert(pandoc.Div({}, pandoc.Attr("refs")))
  local made = pandoc.utils.citeproc(pandoc.Pandoc(blocks, doc.meta)).blocks
  local works = made:remove()
  works = works:walk {
    Div = function(div)
      if div.classes:includes("csl-entry") then
        div.classes, div.attributes = { "obra" }, {}
        return div
      end
    end,
  }
  local list = pandoc.Div(works.content, { class = "referencias" })
  local place, listed = 0, #works.content == 0
  doc = doc:walk {
    Cite = function()
      place = place + 1
      return made[place].content[1].content
    end,
    Div = function(div)
      if div.identifier == "refs" then
        listed = true
        return list
      end
    end,
  }
  if not listed then doc.blocks:insert(list) end  -- no references chapter: list them at the end
  return doc
end

-- Formulas ----------------------------------------------------------------------------------

local function formula(math, alt, id)
  if alt == nil or alt == "" then alt = math.text:gsub("%s+", " ") end
  if not typst then
    -- Browsers omit the space around operator names and stretch bars needlessly.
    math.text = math.text:gsub("\\log_{10}", "\\,%0\\,"):gsub("\\ln", "%0\\,")
      :gsub("\\left|", "|"):gsub("\\right|", "|"):gsub("\\[lr]Vert", "\\|")
    return math
  end
  local code = write({ pandoc.Para { math } })
  local numbering = id and ', numbering: "(1)"' or ""
  local block = math.mathtype == "DisplayMath" and "block: true, " or ""
  local label = id and " <" .. id .. ">" or ""
  return raw("#math.equation(" .. block .. "alt: " .. typst_string(alt) .. numbering .. ", "
    .. code .. ")" .. label)
end

local function equation(div)
  local math
  div:walk { Math = function(found) math = found end }
  if not math then fail("#" .. div.identifier .. " has no formula") end
  local made = formula(math, div.attributes.alt, div.identifier)
  if typst then return pandoc.Para { made } end
  return pandoc.Div({
    pandoc.Plain { made, pandoc.Span("(" .. numbers[div.identifier] .. ")", { class = "orden" }) },
  }, pandoc.Attr(div.identifier, { "ecuacion" }, {
    { "role", "group" }, { "tabindex", "0" },
    { "aria-label", words.equation .. " " .. numbers[div.identifier] },
  }))
end

-- Figures and tables ------------------------------------------------------------------------

local function label(id, noun)
  return '<span class="orden">' .. words[noun] .. "\u{a0}" .. numbers[id] .. ".</span> "
end

local function size_of(path)
  local file = io.open(path, "rb")
  if not file then fail("no such figure: " .. path) end
  local content = file:read("a")
  file:close()
  local width, height = content:sub(1, 2000):match('viewBox="0 0 ([%d.]+) ([%d.]+)"')
  if width then return math.floor(width * 4 / 3 + 0.5), math.floor(height * 4 / 3 + 0.5) end
  local readable, size = pcall(pandoc.image.size, content)
  if not readable then fail("the image " .. path .. " cannot be read") end
  return size.width, size.height
end

local TYPST_UNITS = { pt = true, cm = true, mm = true, ["in"] = true, em = true, ["%"] = true }

local function unescaped(address)
  return (address:gsub("%%(%x%x)", function(code) return string.char(tonumber(code, 16)) end))
end

-- Typst code of an image; a figure of the report is as wide as the text.
local function typst_image(image)
  local alt = typst_string(text(image.caption))
  local arguments = { typst_string(unescaped(image.src)), "alt: " .. alt }
  if not pictures[image.src] then table.insert(arguments, "width: 100%") end
  for _, side in ipairs(pictures[image.src] and { "width", "height" } or {}) do
    local number, unit = (image.attributes[side] or ""):match("^([%d.]+)(%a*%%?)$")
    if unit == "" or unit == "px" then number, unit = number * 0.75, "pt" end
    if TYPST_UNITS[unit] then table.insert(arguments, side .. ": " .. number .. unit) end
  end
  return "image(" .. table.concat(arguments, ", ") .. ")"
end

-- Link to a figure's data as CSV, if the file exists.
local function data_of(source)
  local path = source:gsub("^figures/", "datos/"):gsub("%.svg$", ".csv")
  local file = io.open(path)
  if not file then return "" end
  file:close()
  return '<p class="datos"><a href="' .. path .. '" download>' .. words.data .. "</a></p>"
end

local function figure(div)
  local image
  local caption = pandoc.List()
  for _, block in ipairs(div.content) do
    local first = block.content and block.content[1]
    if not image and first and (first.t == "Image") then image = first
    elseif block.t == "Figure" then image = block.content[1].content[1]
    else caption:insert(block) end
  end
  local id = div.identifier
  if not image then fail("#" .. id .. " has no image") end
  local alt = text(image.caption)
  if alt == "" then fail("the figure #" .. id .. " has no alt text: ![alt text](file)") end
  if #caption == 0 then fail("the figure #" .. id .. " has no caption") end
  local said = write(caption)
  if typst then
    local code = "#figure(" .. typst_image(image) .. ", kind: image, caption: [" .. said .. "]) <"
      .. id .. ">"
    return raw_block(float(id, code))
  end
  local width, height = size_of(unescaped(image.src))
  local class = pictures[image.src] and ' class="propia"' or ""
  said = said:gsub("^<p>", function() return "<p>" .. label(id, "caption_figure") end)
  return raw_block(table.concat({
    '<figure id="', id, '"><div class="caja" role="region" tabindex="0" aria-labelledby="', id,
    '-texto"><img', class, ' src="', html_escape(image.src), '" width="', width, '" height="', height, '" alt="',
    html_escape(alt), '"></div><figcaption id="', id, '-texto">', said,
    data_of(image.src), "</figcaption></figure>",
  }))
end

-- A longer table may break across pages.
local MAX_ROWS_ON_ONE_PAGE = 15
local MAX_CHARACTERS_ON_ONE_PAGE = 2000
-- A longer table may float.
local MAX_ROWS_IN_LINE = 6
local ALIGNED = { AlignRight = "derecha", AlignCenter = "centro" }

local function align_by_class(tbl)
  -- The pages' content security policy forbids the style attributes that pandoc would write.
  local classes = {}
  for column, spec in ipairs(tbl.colspecs) do
    classes[column] = ALIGNED[spec[1]]
    tbl.colspecs[column] = { "AlignDefault" }
  end
  local function mark(rows)
    for _, row in ipairs(rows) do
      for column, cell in ipairs(row.cells) do
        if classes[column] then cell.classes:insert(classes[column]) end
      end
    end
  end
  mark(tbl.head.rows)
  for _, body in ipairs(tbl.bodies) do mark(body.body) end
end

local function rows_of(tbl)
  local rows = 0
  for _, body in ipairs(tbl.bodies) do rows = rows + #body.body end
  return rows
end

local function is_long(tbl)
  return rows_of(tbl) > MAX_ROWS_ON_ONE_PAGE or utf8.len(text(tbl)) > MAX_CHARACTERS_ON_ONE_PAGE
end

-- A table without a caption has no number.
local function plain_table(tbl)
  if typst then
    return raw_block("#[\n#set figure(numbering: none)\n#show figure: set block(breakable: true)\n"
      .. "#show figure: set align(left)\n"
      .. write({ tbl }):gsub("align%(center%)", "align(left)", 1) .. "\n]")
  end
  if not FORMAT:match("^html") then return nil end
  align_by_class(tbl)
  return raw_block('<div class="caja" tabindex="0">' .. write({ tbl }) .. "</div>")
end

local function tabular(div)
  local tbl
  local caption = pandoc.List()
  for _, block in ipairs(div.content) do
    if block.t == "Table" and not tbl then tbl = block else caption:insert(block) end
  end
  local id = div.identifier
  if not tbl then fail("#" .. id .. " has no table") end
  if #caption == 0 then fail("the table #" .. id .. " has no caption") end
  for column, spec in ipairs(tbl.colspecs) do tbl.colspecs[column] = { spec[1] } end
  for _, body in ipairs(tbl.bodies) do body.row_head_columns = 1 end
  if typst then
    tbl.identifier = id
    tbl.caption = { long = caption }
    local long = is_long(tbl)
    local code = write({ tbl }):gsub("align%(center%)", "align(left)", 1)
    if div.classes:includes("escucha") and site ~= "" then
      local address = site .. pages[id] .. ".html#" .. id
      return raw_block("#escuchable(" .. typst_string(address) .. ", "
        .. typst_string("qr/" .. id .. ".svg") .. ", " .. typst_string(words.scan)
        .. ", larga: " .. tostring(long) .. ")[\n" .. code .. "\n]")
    end
    if long then return raw_block("#larga[\n" .. code .. "\n]") end
    local floating = div.classes:includes("flota") and rows_of(tbl) > MAX_ROWS_IN_LINE
    return raw_block(floating and float(id, code) or code)
  end
  align_by_class(tbl)
  local said = write(caption):gsub("^<p>", function() return "<p>" .. label(id, "caption_table") end)
  local code = write({ tbl }):gsub("^<table", function()
    return '<table class="' .. table.concat(div.classes, " ") .. '" aria-labelledby="' .. id .. '-texto"'
  end)
  return raw_block(table.concat({
    '<figure class="tabla" id="', id, '"><figcaption id="', id, '-texto">', said,
    '</figcaption><div class="caja" role="region" tabindex="0" aria-labelledby="', id,
    '-texto">', code, "</div></figure>",
  }))
end

-- Other elements ----------------------------------------------------------------------------

-- A PDF without a site has its sounds attached, in the order in which they are mentioned.
local function attach(file, name)
  if attached[file] then return end
  attached[file] = true
  local plain = name:gsub('[/\\:*?"<>|%c]', " "):gsub("\u{202f}", " "):gsub("\u{a0}", " ")
  local title = string.format("%02d %s.mp3", #attachments + 1, plain)
  attachments:insert("#pdf.attach(" .. typst_string(title) .. ", read(" .. typst_string(file)
    .. ', encoding: none), relationship: "supplement", mime-type: "audio/mpeg", description: '
    .. typst_string(name) .. ")")
end

-- A player for a sound, or a picture.
local function sound_or_picture(image)
  local source = image.src
  if source:match("^[/\\]") or source:match("^%a[%w+.-]*:") or ("/" .. source .. "/"):find("/../", 1, true) then
    fail("the image " .. source .. " is not a file of this report")
  end
  local name = text(image.caption)
  if name == "" then fail("the image " .. source .. " has no alt text: ![what it shows](file)") end
  if source:match("%.(%a+)$") ~= "flac" then
    if source:match("^figures/") then return nil end
    if not pictures[source] then fail("there is no picture " .. source .. " beside the chapters") end
    if not typst then  -- the pages' content security policy forbids style attributes
      image.attributes.width, image.attributes.height = nil, nil
    end
    return image
  end
  local file = source:gsub("%.flac$", ".mp3")  -- see report/site/sound_files.py
  if typst then
    local shown = image.title ~= "" and image.title or name:match("(%d[%d\u{202f}\u{a0}]*)%s*números")
    local said = "▶" .. (shown and "\u{a0}" .. shown or "")
    if site ~= "" then
      return raw("#link(" .. typst_string(site .. file) .. ", box(" .. typst_string(said) .. "))")
    end
    attach(file, name)
    return raw("#box(" .. typst_string(said) .. ")")
  end
  return raw('<audio controls preload="none" src="' .. html_escape(file) .. '" aria-label="'
    .. html_escape(name) .. '"' .. (image.title ~= "" and ' title="' .. html_escape(image.title) .. '"' or "")
    .. "></audio>")
end

local function one_output(div)
  local classes = div.classes
  if classes:includes("solo-web") and typst or classes:includes("solo-pdf") and not typst then
    return {}
  end
  if classes:includes("solo-web") then
    div:walk { Div = function(inner) web_only[inner.identifier] = true end }
  end
  if classes:includes("solo-web") or classes:includes("solo-pdf") then return div.content end
end

local function header(head)
  local number = numbers[head.identifier]
  if typst then
    if head.level > 1 then return head end
    -- Keep figures from floating past the next chapter.
    local appendix = head.classes:includes("apendice") and "\n#show: apendice" or ""
    return { raw_block("#place.flush()" .. appendix), head }
  end
  head.level = head.level + 1  -- level 1 is the page's title
  if number then
    local noun = nouns[head.identifier] == "appendix" and words.caption_appendix .. "\u{a0}" or ""
    head.content:insert(1, pandoc.Span(noun .. number, { class = "orden" }))
    head.content:insert(2, pandoc.Space())
  end
  return head
end

local function span(node)
  if node.classes:includes("solo-pdf") then return typst and node.content or {} end
  if node.attributes.alt then
    if #node.content ~= 1 or node.content[1].t ~= "Math" then fail("alt must be on a single formula: [" .. text(node.content) .. "]") end
    return formula(node.content[1], node.attributes.alt)
  end
  if node.classes:includes("n") then
    if typst or not anchors[node.attributes.paso] then return node.content end
    return pandoc.Link(node.content, "#" .. node.attributes.paso, node.attributes.numero,
      pandoc.Attr("", { "n" }))
  end
  if not typst then return nil end
  if node.classes:includes("intervalo") then
    return { raw("#intervalo["), node, raw("]") }
  end
end

local function folded(div)
  local title, tbl = div.content[1], div.content[2]
  if #div.content ~= 2 or tbl.t ~= "Table" then fail("a .plegable must have a title and a table") end
  for column, spec in ipairs(tbl.colspecs) do tbl.colspecs[column] = { spec[1] } end
  for _, body in ipairs(tbl.bodies) do body.row_head_columns = 1 end
  align_by_class(tbl)
  return raw_block(table.concat({
    '<details class="tabla"><summary>', write({ pandoc.Plain(title.content) }),
    '</summary><div class="caja" role="region" tabindex="0" aria-label="',
    html_escape(text(title)), '">', (write({ tbl }):gsub("^<table", '<table class="escucha"')),
    "</div></details>",
  }))
end

local function block(div)
  if div.classes:includes("plegable") then return folded(div) end
  local kind = div.identifier ~= "" and kind_of(div.identifier)
  if kind == "figure" then return figure(div) end
  if kind == "table" then return tabular(div) end
  if typst and functions[div.classes[1]] then
    local content = pandoc.List { raw_block("#" .. div.classes[1] .. "[") }
    content:extend(div.content)
    local label = div.identifier ~= "" and " <" .. div.identifier .. ">" or ""
    content:insert(raw_block("]" .. label))
    return content
  end
end

local function inline_picture(image)
  if typst then return raw("#box(" .. typst_image(image) .. ")") end
end

-- A PDF leads to pages of the site at the site's address; without one, it only names them.
local function page_link(link)
  if not typst or not link.target:match("^[%w-]+%.html") then return nil end
  if site == "" then return link.content end
  link.target = site .. link.target
  return link
end

local function rule()
  if typst then return raw_block("#line(length: 100%, stroke: 0.4pt + luma(200))") end
end

local function is_complete(node)
  local complete = true
  node:walk { Cite = function(cite)
    for _, citation in ipairs(cite.citations) do
      if kind_of(citation.id) and not numbers[citation.id] then complete = false end
    end
  end }
  return complete
end

-- A clause of class .opcional is left out if the report lacks what it refers to. Pandoc drops the
-- space that it begins with.
local function optional(node)
  if not node.classes:includes("opcional") then return nil end
  if not is_complete(node) then return {} end
  local content = node.content
  if not text(content):match("^[,;:.]") then content:insert(1, pandoc.Space()) end
  return content
end

local function bullets(list)
  -- A figure that floats into a list breaks the list's PDF tags (Typst 0.15).
  if typst then return { raw_block("#place.flush()"), list } end
end

function Pandoc(doc)
  words = {}
  for name, value in pairs(doc.meta.words) do words[name] = text(value) end
  site = text(doc.meta.site)
  for _, name in ipairs(doc.meta.pictures) do pictures[text(name)] = true end
  for _, name in ipairs(doc.meta.functions) do functions[text(name)] = true end
  local blocks = pandoc.Pandoc(doc.blocks):walk { Div = one_output }.blocks
  number_everything(blocks)
  place_floats(blocks)
  local found = pandoc.Pandoc(blocks, doc.meta):walk { Span = optional }:walk { Cite = reference }
  -- Formulas with alt text become raw code first; that of any left after that is derived.
  local made = cite_papers(found)
    :walk { Image = sound_or_picture, Header = header }
    :walk { traverse = "topdown", Span = function(node)
        local result = span(node)
        if result then return result, false end
      end,
      Div = function(div)
        local kind = div.identifier ~= "" and kind_of(div.identifier)
        if kind == "equation" then return equation(div), false end
      end,
      Math = function(math) return formula(math, nil) end }
  made = made:walk { Div = block, BulletList = bullets, HorizontalRule = rule, Link = page_link }
    :walk { Table = plain_table, Image = inline_picture }
  for id in pairs(numbers) do
    local kind = nouns[id]
    if (kind == "figure" or kind == "table") and not mentioned[id] then
      fail("nothing refers to #" .. id)
    end
  end
  doc.blocks = made.blocks
  if #attachments > 0 then doc.blocks:insert(raw_block(table.concat(attachments, "\n"))) end
  return doc
end
