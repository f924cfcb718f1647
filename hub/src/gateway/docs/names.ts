/** Names in documentation and files. */

/** Content-Disposition of a file name: plain for old readers, as RFC 8187 for all others. */
export function attachmentOf(filename: string): string {
  const whole = Buffer.from(filename).toString();
  const ascii = whole.replace(/[^\x20-\x7e]|["\\]/g, '_');
  const encoded = encodeURIComponent(whole).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** Text within a block comment of a program: it cannot end the comment, nor begin a line of its own. */
export const comment = (text: string): string => text.replace(/\*\//g, '* /').replace(/\s+/g, ' ').trim();
