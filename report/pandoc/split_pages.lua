-- Pandoc filter that splits the site's document at headings of class .pagina, so that each page
-- has its own footnotes. Each part starts with <!--pagina NAME-->: the heading's id, less "sec-".
-- A Div of class .pagina becomes a part of its own; what comes before any heading is "informe".

local function write(blocks)
  local options = pandoc.WriterOptions { html_math_method = "mathml", wrap_text = "none" }
  return pandoc.write(pandoc.Pandoc(blocks), "html5", options)
end

function Pandoc(doc)
  local parts, apart = { { name = "informe", blocks = pandoc.List() } }, {}
  for _, block in ipairs(doc.blocks) do
    if block.t == "Div" and block.classes:includes("pagina") then
      table.insert(apart, { name = block.identifier, blocks = block.content })
    else
      if block.t == "Header" and block.classes:includes("pagina") then
        local name = block.identifier:gsub("^sec%-", "")
        table.insert(parts, { name = name, blocks = pandoc.List() })
      end
      parts[#parts].blocks:insert(block)
    end
  end
  for _, part in ipairs(apart) do table.insert(parts, part) end
  local made = pandoc.List()
  for _, part in ipairs(parts) do
    made:insert(pandoc.RawBlock("html", "<!--pagina " .. part.name .. "-->\n" .. write(part.blocks)))
  end
  return pandoc.Pandoc(made, doc.meta)
end
