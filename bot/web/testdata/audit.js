// Measures a page as somebody with a small screen or weak sight meets it, and
// writes what is wrong into the document, for the test that dumps it.
addEventListener("load", () => {
  const wrong = [];
  const rgb = (s) => (s.match(/[\d.]+/g) || []).map(Number);
  const light = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (el) => {
    for (; el; el = el.parentElement) {
      const c = rgb(getComputedStyle(el).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) wrong.push(`scrolls sideways: ${root.scrollWidth} in ${innerWidth}`);
  let texts = 0;
  for (const el of document.body.querySelectorAll("*")) {
    const style = getComputedStyle(el);
    if (style.visibility === "hidden" || ![...el.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    texts++;
    const [a, b] = [light(rgb(style.color)), light(ground(el))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)}: ${el.tagName} ${el.textContent.trim().slice(0, 30)}`);
    if (parseFloat(style.fontSize) < 14) wrong.push(`small print: ${el.textContent.trim().slice(0, 30)}`);
  }
  for (const a of document.querySelectorAll("nav a, footer a, .give")) {
    const box = a.getBoundingClientRect();
    if (box.height < 24 || box.width < 24) wrong.push(`hard to hit: ${a.textContent}`);
  }
  for (const el of document.querySelectorAll("a, progress, nav, article, section[aria-labelledby]")) {
    const id = el.getAttribute("aria-labelledby");
    const name = el.getAttribute("aria-label") || (id ? document.getElementById(id).textContent : el.textContent);
    if (!name.trim()) wrong.push(`nameless: ${el.outerHTML.slice(0, 60)}`);
  }
  const out = document.createElement("pre");
  out.id = "audit";
  out.textContent = `texts ${texts} dark ${matchMedia("(prefers-color-scheme: dark)").matches} width ${innerWidth}\n` + wrong.join("\n") + "\n.";
  parent.document.body.append(out);
});
