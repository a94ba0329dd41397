// Every text of the page that WCAG AA finds too pale against what lies behind it.
(() => {
  const pixel = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const read = (colour) => {
    pixel.clearRect(0, 0, 1, 1);
    pixel.fillStyle = colour;
    pixel.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pixel.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [less, more] = [light(one), light(other)].sort((a, b) => a - b);
    return (more + 0.05) / (less + 0.05);
  };
  const ancestors = (element) => (element ? [element, ...ancestors(element.parentElement)] : []);
  const paper = (element) =>
    ancestors(element).reverse().reduce((under, part) => over(read(getComputedStyle(part).backgroundColor), under), [255, 255, 255, 1]);
  // What of a drawing lies under a text of it.
  const drawnUnder = (text, under) => {
    const place = text.getBoundingClientRect();
    const [x, y] = [place.left + place.width / 2, place.top + place.height / 2];
    for (const shape of text.ownerSVGElement.querySelectorAll("rect")) {
      const box = shape.getBoundingClientRect();
      const style = getComputedStyle(shape);
      const before = shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING;
      if (!before || style.fill === "none" || box.left > x || box.right < x || box.top > y || box.bottom < y) continue;
      const [r, g, b, a] = read(style.fill);
      under = over([r, g, b, a * style.fillOpacity * style.opacity], under);
    }
    return under;
  };

  const pale = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim();
    const element = texts.currentNode.parentElement;
    if (!text || element.closest("script, style, option, title, desc, [aria-disabled], :disabled")) continue;
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    if (!box.width || !box.height || style.visibility === "hidden") continue;
    const drawn = element.ownerSVGElement;
    const under = drawn ? drawnUnder(element, paper(drawn)) : paper(element);
    const opacity = ancestors(element).reduce((all, part) => all * getComputedStyle(part).opacity, 1);
    const [r, g, b, a] = read(drawn ? style.fill : style.color);
    const found = contrast(over([r, g, b, a * opacity], under), under);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (found < (large ? 3 : 4.5)) pale.add(`${found.toFixed(2)} ${element.tagName}.${element.getAttribute("class")} ${text.slice(0, 30)}`);
  }
  return [...pale];
})()
