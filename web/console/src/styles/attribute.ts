/**
 * The hub's content security policy refuses style attributes, and style elements without the nonce of the page. What a library writes by
 * `setAttribute('style', …)` (text areas that grow, drawings) is the same rules written as properties; the style elements that it makes (dialogs
 * that hold the page still, measures of scroll bars) get the nonce. Both come from scripts that were let in, not from markup.
 */
const writeAttribute = Element.prototype.setAttribute;

/** Lets the libraries of the console write styles as the policy asks for; before anything is drawn. */
export function writeStylesByPolicy(nonce: string | undefined): void {
  Element.prototype.setAttribute = function (this: Element, name: string, value: string): void {
    if (name === 'style' && (this instanceof HTMLElement || this instanceof SVGElement)) this.style.cssText = value;
    else writeAttribute.call(this, name, value);
  };
  if (!nonce) return;
  const make = document.createElement.bind(document) as (name: string, options?: ElementCreationOptions) => HTMLElement;
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = make(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  }) as typeof document.createElement;
}
