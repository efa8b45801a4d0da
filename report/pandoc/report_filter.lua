--[[ Turns the report's Markdown into what each output needs, for pandoc's HTML and Typst writers.

    ::: {#fig-x}        a figure: an image, then its caption; #tbl-x and #eq-x likewise
    @fig-x              a reference in words, «figura 3»; [-@fig-x] gives the number alone, and
                        [-@fig-x; -@fig-y; -@fig-z] those of figures in a row, «3-5»
    [@kingma2015]       a paper of the bibliography, cited by pandoc's citeproc
    ![song](a.flac)     a player in HTML, a link in Typst
    [9,6]{.n numero="a.b" paso="p3"}  a number: a link to the step that it comes from, in HTML
    [$x$]{alt="equis"}  a formula, always with words for those who hear the page
    .solo-web .solo-pdf a block for one output alone
    .pagina             of a heading: it starts a page of the site
    .quieta             of a chapter: its figures stay where they are written (PDF alone)
    .plegable           a paragraph that names a table, folded away until asked for (HTML alone)

A repeated, unknown or never mentioned id is an error, and so is an image without words. ]]

local typst = FORMAT == "typst"
local words, site

local KINDS = { fig = "figure", tbl = "table", eq = "equation", sec = "section" }
local numbers = {}    -- id -> its number as text
local nouns = {}      -- id -> the noun a reference uses
local mentioned = {}  -- id -> true
local pages = {}      -- id -> the name of the page of the site where it stands
local anchors = {}    -- id of any block -> true
local still = {}      -- id of a figure or table that stays where it is written -> true

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
  if numbers[id] then error("the id #" .. id .. " is used twice") end
  numbers[id] = number
  nouns[id] = noun
end

local function number_everything(blocks)
  local counts = { figure = 0, table = 0, equation = 0 }
  local chapter, section, appendix, page, quiet = 0, 0, false, "index", false
  pandoc.Pandoc(blocks):walk {
    traverse = "topdown",
    Header = function(header)
      if header.classes:includes("pagina") then page = header.identifier:gsub("^sec%-", "") end
      if header.level == 1 then quiet = header.classes:includes("quieta") end
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
      anchors[div.identifier], pages[div.identifier], still[div.identifier] = true, page, quiet
      if kind then
        counts[kind] = counts[kind] + 1
        declare(div.identifier, tostring(counts[kind]), kind)
      end
    end,
  }
end

-- References --------------------------------------------------------------------------------

-- [-@fig-a; -@fig-b; -@fig-c]: things numbered in a row, written as the first and the last.
local function range(cite)
  local first, last = cite.citations[1].id, cite.citations[#cite.citations].id
  for _, citation in ipairs(cite.citations) do
    if not numbers[citation.id] then error("unknown reference @" .. citation.id) end
    mentioned[citation.id] = true
    local kind = kind_of(citation.id)
    if kind == "section" or kind ~= kind_of(first) then
      error("the range from @" .. first .. " holds other things than figures, tables or equations"
        .. " of one kind")
    end
  end
  if tonumber(numbers[last]) - tonumber(numbers[first]) ~= #cite.citations - 1 then
    error("the range from @" .. first .. " is not numbered in a row up to @" .. last)
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
  if not numbers[id] then error("unknown reference @" .. id) end
  mentioned[id] = true
  local bare = citation.mode == "SuppressAuthor"
  if typst then
    local noun = bare and "none" or "[" .. words[nouns[id]] .. "]"
    return raw("#ref(<" .. id .. ">, supplement: " .. noun .. ")")
  end
  local noun = bare and "" or words[nouns[id]] .. "\u{a0}"
  return pandoc.Link(noun .. numbers[id], "#" .. id)
end

-- Papers are cited once all other references are raw; what citeproc made of them is then plain.
-- It is given the citations alone, a paragraph each: the rest of the report would only pass by.
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
  if not listed then doc.blocks:insert(list) end  -- a report without its chapter of references
  return doc
end

-- Formulas ----------------------------------------------------------------------------------

local function formula(math, alt, id)
  if alt == nil or alt == "" then
    error("the formula " .. math.text .. " has no words: give it alt=\"...\"")
  end
  if not typst then
    -- Browsers put no space around an operator's name, and stretch bars that need not grow.
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
  if not math then error("#" .. div.identifier .. " holds no formula") end
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
  local file = io.open(path)
  if not file then error("there is no figure " .. path) end
  local width, height = file:read(2000):match('viewBox="0 0 ([%d.]+) ([%d.]+)"')
  file:close()
  return math.floor(width * 4 / 3 + 0.5), math.floor(height * 4 / 3 + 0.5)
end

-- The link to what a figure shows as a table of numbers, where there is one.
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
  if not image then error("#" .. id .. " holds no image") end
  local alt = text(image.caption)
  if alt == "" then error("the figure #" .. id .. " has no words: ![words](file)") end
  if #caption == 0 then error("the figure #" .. id .. " has no caption") end
  local said = write(caption)
  if typst then
    local code = "#figure(image(" .. typst_string(image.src) .. ", width: 100%, alt: "
      .. typst_string(alt) .. "), kind: image, caption: [" .. said .. "]) <" .. id .. ">"
    return raw_block(still[id] and code or "#flota(<" .. id .. ">)[\n" .. code .. "\n]")
  end
  local width, height = size_of(image.src)
  said = said:gsub("^<p>", function() return "<p>" .. label(id, "caption_figure") end)
  return raw_block(table.concat({
    '<figure id="', id, '"><div class="caja" role="region" tabindex="0" aria-labelledby="', id,
    '-texto"><img src="', image.src, '" width="', width, '" height="', height, '" alt="',
    html_escape(alt), '"></div><figcaption id="', id, '-texto">', said,
    data_of(image.src), "</figcaption></figure>",
  }))
end

local LONG = 15  -- rows past which a table may run over several pages
local ALIGNED = { AlignRight = "derecha", AlignCenter = "centro" }

local function align_by_class(tbl)
  -- The page's policy forbids the style attributes that the writer would use.
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

local function tabular(div)
  local tbl
  local caption = pandoc.List()
  for _, block in ipairs(div.content) do
    if block.t == "Table" and not tbl then tbl = block else caption:insert(block) end
  end
  local id = div.identifier
  if not tbl then error("#" .. id .. " holds no table") end
  if #caption == 0 then error("the table #" .. id .. " has no caption") end
  for column, spec in ipairs(tbl.colspecs) do tbl.colspecs[column] = { spec[1] } end
  for _, body in ipairs(tbl.bodies) do body.row_head_columns = 1 end
  if typst then
    tbl.identifier = id
    tbl.caption = { long = caption }
    local rows = 0
    for _, body in ipairs(tbl.bodies) do rows = rows + #body.body end
    local code = write({ tbl }):gsub("align%(center%)", "align(left)", 1)
    local kind = rows > LONG and "larga" or div.classes:includes("flota") and not still[id]
      and "flota(<" .. id .. ">)"
    if div.classes:includes("escucha") and site ~= "" then
      local page = pages[id] == "index" and "index" or "informe-" .. pages[id]
      local address = site .. page .. ".html#" .. id
      return raw_block("#escuchable(" .. typst_string(address) .. ", "
        .. typst_string("qr/" .. id .. ".svg") .. ", " .. typst_string(words.scan)
        .. ", larga: " .. tostring(rows > LONG) .. ")[\n" .. code .. "\n]")
    end
    return raw_block(kind and "#" .. kind .. "[\n" .. code .. "\n]" or code)
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

-- The rest ----------------------------------------------------------------------------------

local function sound(image)
  local extension = image.src:match("%.(%a+)$")
  if extension ~= "flac" then return nil end
  local name = text(image.caption)
  if name == "" then error("the sound " .. image.src .. " has no words") end
  local file = image.src:gsub("%.flac$", ".mp3")  -- as the site has it: report/site/sound_files.py
  if typst then
    return raw("#link(casa + " .. typst_string(file) .. ", "
      .. typst_string((file:gsub("^audio/", ""))) .. ")")
  end
  return raw('<audio controls preload="none" src="' .. html_escape(file) .. '" aria-label="'
    .. html_escape(name) .. '"></audio>')
end

local function one_output(div)
  local classes = div.classes
  if classes:includes("solo-web") and typst or classes:includes("solo-pdf") and not typst then
    return {}
  end
  if classes:includes("solo-web") or classes:includes("solo-pdf") then return div.content end
end

local function header(head)
  local number = numbers[head.identifier]
  if typst then
    if head.level > 2 then return head end
    -- No figure floats past the heading that follows it.
    local first = head.level == 1 and head.classes:includes("apendice")
    local appendix = first and "\n#show: apendice" or ""
    return { raw_block("#place.flush()" .. appendix), head }
  end
  head.level = head.level + 1  -- the page's own title is the first level
  if number then
    local noun = nouns[head.identifier] == "appendix" and words.caption_appendix .. "\u{a0}" or ""
    head.content:insert(1, pandoc.Span(noun .. number, { class = "orden" }))
    head.content:insert(2, pandoc.Space())
  end
  return head
end

local function span(node)
  if node.attributes.alt then
    if #node.content ~= 1 or node.content[1].t ~= "Math" then error("alt is for one formula") end
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
  if #div.content ~= 2 or tbl.t ~= "Table" then error("a .plegable holds a name and a table") end
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
  if typst and div.classes[1] then
    local content = pandoc.List { raw_block("#" .. div.classes[1] .. "[") }
    content:extend(div.content)
    local label = div.identifier ~= "" and " <" .. div.identifier .. ">" or ""
    content:insert(raw_block("]" .. label))
    return content
  end
end

-- A mark where the text before a figure that floats ends: see flota in informe.typ.
local function anchored(blocks)
  local before
  for _, found in ipairs(blocks) do
    local kind = found.t == "Div" and found.identifier ~= "" and kind_of(found.identifier)
    if found.t == "Para" then
      before = found
    elseif kind ~= "figure" and kind ~= "table" then
      before = nil
    elseif before and not still[found.identifier] then
      local mark = raw('#metadata("' .. found.identifier .. '")<antes>')
      before.content:insert(#before.content, mark)  -- after the last word it would leave the text
    end
  end
  return blocks
end

local function bullets(list)
  -- A figure that floats into a list spoils the list's tags (Typst 0.15).
  if typst then return { raw_block("#place.flush()"), list } end
end

function Pandoc(doc)
  words = {}
  for name, value in pairs(doc.meta.words) do words[name] = text(value) end
  site = text(doc.meta.site)
  local blocks = pandoc.Pandoc(doc.blocks):walk { Div = one_output }.blocks
  number_everything(blocks)
  -- Formulas with words become raw code first; a bare one left after that is refused.
  local made = cite_papers(pandoc.Pandoc(blocks, doc.meta):walk { Cite = reference })
    :walk { Image = sound, Header = header }
    :walk { traverse = "topdown", Span = function(node)
        local result = span(node)
        if result then return result, false end
      end,
      Div = function(div)
        local kind = div.identifier ~= "" and kind_of(div.identifier)
        if kind == "equation" then return equation(div), false end
      end,
      Math = function(math) return formula(math, nil) end }
  made.blocks = typst and anchored(made.blocks) or made.blocks
  made = made:walk { Div = block, BulletList = bullets }
  for id in pairs(numbers) do
    local kind = nouns[id]
    if (kind == "figure" or kind == "table") and not mentioned[id] then
      error("the text never mentions #" .. id)
    end
  end
  doc.blocks = made.blocks
  return doc
end
