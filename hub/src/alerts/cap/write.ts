/** Writes messages as CAP 1.2 XML, and feeds of them as Atom (RFC 4287). */
import type { CapAlert, CapArea, CapInfo, CapPair } from './model.ts';

/** Text as XML holds it; characters that XML does not know are left out. */
export const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

const el = (name: string, value: string | undefined, pad: string): string =>
  value === undefined || value === '' ? '' : `${pad}<${name}>${escaped(value)}</${name}>\n`;
const pair = (name: string, p: CapPair, pad: string): string =>
  `${pad}<${name}>\n${pad}  <valueName>${escaped(p.name)}</valueName>\n${pad}  <value>${escaped(p.value)}</value>\n${pad}</${name}>\n`;

function area(a: CapArea): string {
  const p = '      ';
  return [
    `    <area>\n`,
    `${p}<areaDesc>${escaped(a.areaDesc)}</areaDesc>\n`,
    ...a.polygons.map((ring) => el('polygon', ring.map(([lon, lat]) => `${lat},${lon}`).join(' '), p)),
    ...a.circles.map((c) => el('circle', `${c.lat},${c.lon} ${c.km}`, p)),
    ...a.geocodes.map((g) => pair('geocode', g, p)),
    el('altitude', a.altitude, p),
    el('ceiling', a.ceiling, p),
    `    </area>\n`,
  ].join('');
}

function info(i: CapInfo): string {
  const p = '    ';
  return [
    `  <info>\n`,
    el('language', i.language, p),
    ...i.categories.map((c) => el('category', c, p)),
    `${p}<event>${escaped(i.event)}</event>\n`,
    ...i.responseTypes.map((r) => el('responseType', r, p)),
    el('urgency', i.urgency, p) + el('severity', i.severity, p) + el('certainty', i.certainty, p),
    el('audience', i.audience, p),
    ...i.eventCodes.map((c) => pair('eventCode', c, p)),
    el('effective', i.effective, p) + el('onset', i.onset, p) + el('expires', i.expires, p),
    el('senderName', i.senderName, p) + el('headline', i.headline, p) + el('description', i.description, p),
    el('instruction', i.instruction, p) + el('web', i.web, p) + el('contact', i.contact, p),
    ...i.parameters.map((c) => pair('parameter', c, p)),
    ...i.resources.map(
      (r) =>
        `${p}<resource>\n${p}  <resourceDesc>${escaped(r.resourceDesc)}</resourceDesc>\n${p}  <mimeType>${escaped(r.mimeType)}</mimeType>\n` +
        `${el('size', r.size, `${p}  `)}${el('uri', r.uri, `${p}  `)}${el('digest', r.digest, `${p}  `)}${p}</resource>\n`,
    ),
    ...i.areas.map(area),
    `  </info>\n`,
  ].join('');
}

/** A message as CAP 1.2, elements in the schema's order. */
export function writeCap(a: CapAlert): string {
  const p = '  ';
  return [
    `<?xml version="1.0" encoding="UTF-8"?>\n<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">\n`,
    el('identifier', a.identifier, p) + el('sender', a.sender, p) + el('sent', a.sent, p) + el('status', a.status, p),
    el('msgType', a.msgType, p) +
      el('source', a.source, p) +
      el('scope', a.scope, p) +
      el('restriction', a.restriction, p),
    el('addresses', a.addresses, p),
    ...a.codes.map((c) => el('code', c, p)),
    el('note', a.note, p),
    el('references', a.references.map((r) => `${r.sender},${r.identifier},${r.sent}`).join(' '), p),
    el('incidents', a.incidents, p),
    ...a.infos.map(info),
    `</alert>\n`,
  ].join('');
}

/** One entry of a feed. */
export interface FeedEntry {
  id: string;
  title: string;
  updated: string;
  summary: string;
  href: string;
  category: string;
}

/** A feed of messages as Atom. */
export function writeFeed(
  feed: { id: string; title: string; updated: string; self: string; author: string },
  entries: readonly FeedEntry[],
): string {
  const p = '    ';
  return [
    `<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN">\n`,
    el('id', feed.id, '  ') + el('title', feed.title, '  ') + el('updated', feed.updated, '  '),
    `  <author><name>${escaped(feed.author)}</name></author>\n  <link rel="self" href="${escaped(feed.self)}"/>\n`,
    ...entries.map(
      (e) =>
        `  <entry>\n${el('id', e.id, p)}${el('title', e.title, p)}${el('updated', e.updated, p)}${p}<summary>${escaped(e.summary)}</summary>\n` +
        `${p}<category term="${escaped(e.category)}"/>\n${p}<link rel="alternate" type="application/cap+xml" href="${escaped(e.href)}"/>\n  </entry>\n`,
    ),
    `</feed>\n`,
  ].join('');
}
