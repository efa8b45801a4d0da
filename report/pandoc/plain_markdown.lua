--[[ Pandoc filter that runs before report_filter.lua, for chapters written in Pandoc's own Markdown:
a table or a figure with a caption becomes one of the report's, numbered with the others, whether it
has an id or not. Its figures say with `alt` what they show; the caption is the default. ]]

local count = 0

local function own_id(element, prefix)
  if element.identifier:match("^" .. prefix .. "%-") then return element.identifier end
  count = count + 1
  return prefix .. "-sin-nombre-" .. count
end

-- The blocks of a caption, as paragraphs.
local function paragraphs(caption)
  return caption.long:map(function(block)
    return block.t == "Plain" and pandoc.Para(block.content) or block
  end)
end

local function captioned_table(tbl)
  if #tbl.caption.long == 0 then return nil end
  local content = paragraphs(tbl.caption)
  local id = own_id(tbl, "tbl")
  tbl.caption, tbl.attr = { long = {} }, pandoc.Attr()
  content:insert(tbl)
  return pandoc.Div(content, pandoc.Attr(id, { "suelta" }))
end

local function captioned_figure(fig)
  local image
  fig:walk { Image = function(found) image = found end }
  if not image then return nil end
  local id = own_id(fig.identifier ~= "" and fig or image, "fig")
  if image.attributes.alt then image.caption = { pandoc.Str(image.attributes.alt) } end
  image.attributes.alt, image.identifier = nil, ""
  local content = paragraphs(fig.caption)
  content:insert(1, pandoc.Plain { image })
  return pandoc.Div(content, pandoc.Attr(id, { "suelta" }))
end

function Pandoc(doc)
  return doc:walk {
    traverse = "topdown",
    Div = function(div)
      -- The report's own figures and tables have their caption beside them.
      if div.identifier:match("^fig%-") or div.identifier:match("^tbl%-")
        or div.classes:includes("plegable") then return div, false end
    end,
    Table = captioned_table,
    Figure = captioned_figure,
  }
end
