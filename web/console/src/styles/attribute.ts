/**
 * The hub's content security policy refuses style attributes. What a library writes by `setAttribute('style', …)` (text areas that grow, drawings)
 * is the same rules written as properties, which no policy needs to forbid: they come from code that was let in, not from markup.
 */
const write = Element.prototype.setAttribute;

/** Writes the attribute `style` by the element's own rules; everything else as before. */
export function writeStylesAsRules(): void {
  Element.prototype.setAttribute = function (this: Element, name: string, value: string): void {
    if (name === 'style' && (this instanceof HTMLElement || this instanceof SVGElement)) this.style.cssText = value;
    else write.call(this, name, value);
  };
}
