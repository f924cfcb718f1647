/** Elements without HTML in strings: what a file or a signature says can never become markup. */

type Child = Node | string | undefined | null | false;
type Attributes = Record<string, string | boolean | ((event: Event) => void) | undefined>;

/** Makes an element. Attributes that begin with `on` are listeners; `true` is an attribute without value; undefined and false are left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Child | Child[])[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (typeof value === 'string') element.setAttribute(name, value);
  }
  for (const child of children.flat()) if (child) element.append(child);
  return element;
}

/** Control characters and changes of direction in text from outside are shown, not obeyed. */
export const plain = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);
