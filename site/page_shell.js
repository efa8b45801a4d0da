// Every page: show the text when its fonts are there; mark the current page and section.
"use strict";

document.fonts.ready.then(() => document.documentElement.classList.add("con-letra"));

(() => {
  // A section of the report whose address is of the first page, as it once was.
  if (document.querySelector("main.portada") && location.hash
      && !document.getElementById(location.hash.slice(1))) {
    location.replace("informe.html" + location.hash);
  }

  function reveal(list, item) {
    if (!list || !item) return;
    const place = item.getBoundingClientRect(), frame = list.getBoundingClientRect();
    list.scrollLeft += place.left - frame.left - (frame.width - place.width) / 2;
    list.scrollTop += place.top - frame.top - frame.height / 3;
  }

  const current = "[aria-current]";
  const pages = document.querySelector(".paginas ul");
  reveal(pages, pages.querySelector(current));

  const contents = document.querySelector(".lateral");
  if (!contents) return;
  reveal(contents, contents.querySelector(current));
  const links = [...contents.querySelectorAll('a[href^="#"]')];
  const headings = links.map((link) => document.getElementById(link.getAttribute("href").slice(1)));

  function mark() {
    const above = headings.filter((each) => each.getBoundingClientRect().top < innerHeight / 3);
    const here = links[Math.max(0, above.length - 1)];
    for (const link of links) link.ariaCurrent = link === here ? "true" : null;
  }

  if (links.length) addEventListener("scroll", mark, { passive: true });
})();
