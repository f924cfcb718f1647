/**
 * Formats of files: known by their first bytes, never by their names alone, and which of them an archive is kept in (DA/T 47, GB/T 33190 OFD,
 * GB/T 18894-2016: open, self-contained, not encrypted).
 */

/** How fit a format is for keeping. `keep`: a preservation format; `convert`: taken with a warning; `refuse`: never taken. */
export type Fitness = 'keep' | 'convert' | 'refuse';

/** One format. */
export interface Format {
  id: string;
  title: string;
  /** Media type that it is handed out with. */
  media: string;
  extensions: readonly string[];
  fitness: Fitness;
  /** The way of looking into it. */
  kind: 'pdf' | 'zip' | 'image' | 'text' | 'xml' | 'media' | 'ole' | 'none';
}

const f = (
  id: string,
  title: string,
  media: string,
  extensions: string,
  fitness: Fitness,
  kind: Format['kind'],
): Format => ({ id, title, media, extensions: extensions.split(' '), fitness, kind });

/** All formats that are known. */
export const formats: readonly Format[] = [
  f('pdf', 'PDF', 'application/pdf', 'pdf', 'keep', 'pdf'),
  f('ofd', 'OFD (GB/T 33190)', 'application/ofd', 'ofd', 'keep', 'zip'),
  f('xml', 'XML', 'application/xml', 'xml', 'keep', 'xml'),
  f('txt', 'TXT', 'text/plain', 'txt md log', 'keep', 'text'),
  f('csv', 'CSV', 'text/csv', 'csv', 'keep', 'text'),
  f('json', 'JSON', 'application/json', 'json', 'keep', 'text'),
  f('jpeg', 'JPEG', 'image/jpeg', 'jpg jpeg', 'keep', 'image'),
  f('tiff', 'TIFF', 'image/tiff', 'tif tiff', 'keep', 'image'),
  f('png', 'PNG', 'image/png', 'png', 'keep', 'image'),
  f('mp4', 'MP4', 'video/mp4', 'mp4 m4v', 'keep', 'media'),
  f('wav', 'WAV', 'audio/wav', 'wav', 'keep', 'media'),
  f('mp3', 'MP3', 'audio/mpeg', 'mp3', 'keep', 'media'),
  f('flac', 'FLAC', 'audio/flac', 'flac', 'keep', 'media'),
  f('docx', 'Word (OOXML)', 'application/octet-stream', 'docx', 'convert', 'zip'),
  f('xlsx', 'Excel (OOXML)', 'application/octet-stream', 'xlsx', 'convert', 'zip'),
  f('pptx', 'PowerPoint (OOXML)', 'application/octet-stream', 'pptx', 'convert', 'zip'),
  f('odf', 'OpenDocument', 'application/octet-stream', 'odt ods odp', 'convert', 'zip'),
  f('ole', 'Word / Excel / WPS 97-2003', 'application/octet-stream', 'doc xls ppt wps et dps', 'convert', 'ole'),
  f('gif', 'GIF', 'image/gif', 'gif', 'convert', 'image'),
  f('bmp', 'BMP', 'image/bmp', 'bmp', 'convert', 'image'),
  f('ooxml-macro', 'OOXML with macros', 'application/octet-stream', 'docm xlsm pptm', 'refuse', 'zip'),
  f('zip', 'ZIP', 'application/zip', 'zip', 'refuse', 'zip'),
  f('archive', 'RAR / 7z / gzip', 'application/octet-stream', 'rar 7z gz tar bz2 xz', 'refuse', 'none'),
  f('html', 'HTML', 'application/octet-stream', 'html htm svg mht', 'refuse', 'none'),
  f('executable', 'Executable', 'application/octet-stream', 'exe dll com scr msi elf so', 'refuse', 'none'),
  f('script', 'Script', 'application/octet-stream', 'sh bat cmd ps1 vbs js', 'refuse', 'none'),
  f('unknown', '?', 'application/octet-stream', '', 'refuse', 'none'),
];
const byId = new Map(formats.map((format) => [format.id, format]));

/** The format of an id; `unknown` for any other. */
export const formatOf = (id: string): Format => byId.get(id) ?? byId.get('unknown')!;

/** The part of a name after its last dot, in lower case. */
export const extensionOf = (name: string): string => /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';

const magics: readonly [id: string, offset: number, bytes: string][] = [
  ['pdf', 0, '255044462d'],
  ['jpeg', 0, 'ffd8ff'],
  ['png', 0, '89504e470d0a1a0a'],
  ['tiff', 0, '49492a00'],
  ['tiff', 0, '4d4d002a'],
  ['gif', 0, '47494638'],
  ['bmp', 0, '424d'],
  ['ole', 0, 'd0cf11e0a1b11ae1'],
  ['executable', 0, '4d5a'],
  ['executable', 0, '7f454c46'],
  ['executable', 0, 'cafebabe'],
  ['executable', 0, 'feedfacf'],
  ['executable', 0, 'cffaedfe'],
  ['archive', 0, '526172211a07'],
  ['archive', 0, '377abcaf271c'],
  ['archive', 0, '1f8b08'],
  ['archive', 0, '425a68'],
  ['archive', 0, 'fd377a585a00'],
  ['flac', 0, '664c6143'],
  ['mp3', 0, '494433'],
  ['mp3', 0, 'fffb'],
  ['mp4', 4, '66747970'],
  ['script', 0, '2321'],
];

/** The format that the first bytes show; `entries` are the names inside when it is a ZIP and could be read. */
export function detect(name: string, head: Buffer, entries?: readonly string[]): Format {
  const extension = extensionOf(name);
  if (head.subarray(0, 4).toString('latin1') === 'RIFF' && head.subarray(8, 12).toString('latin1') === 'WAVE')
    return formatOf('wav');
  if (/^504b(0304|0506|0708)/.test(head.subarray(0, 4).toString('hex'))) return zipFormat(extension, entries);
  for (const [id, offset, bytes] of magics) {
    if (head.subarray(offset, offset + bytes.length / 2).toString('hex') === bytes) return formatOf(id);
  }
  return isText(head) ? textFormat(extension, head) : formatOf('unknown');
}

function zipFormat(extension: string, entries: readonly string[] | undefined): Format {
  if (!entries) return ['docx', 'xlsx', 'pptx', 'ofd'].includes(extension) ? formatOf(extension) : formatOf('zip');
  if (entries.includes('OFD.xml')) return formatOf('ofd');
  if (entries.includes('[Content_Types].xml')) {
    if (entries.some((e) => /vbaProject\.bin$/i.test(e))) return formatOf('ooxml-macro');
    const part = entries.map((e) => /^(word|xl|ppt)\//.exec(e)?.[1]).find(Boolean);
    return formatOf(part === 'word' ? 'docx' : part === 'xl' ? 'xlsx' : part === 'ppt' ? 'pptx' : 'zip');
  }
  return formatOf(entries[0] === 'mimetype' ? 'odf' : 'zip');
}

/** No control characters but tab, line ends and form feed. */
function isText(head: Buffer): boolean {
  if (head.length >= 2 && (head.readUInt16BE(0) === 0xfeff || head.readUInt16BE(0) === 0xfffe)) return true;
  return head.length > 0 && !head.some((b) => b < 0x09 || (b > 0x0d && b < 0x20 && b !== 0x1b) || b === 0x7f);
}

function textFormat(extension: string, head: Buffer): Format {
  const start = head
    .subarray(0, 512)
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart()
    .toLowerCase();
  if (/^(<!doctype html|<html|<script|<svg)/.test(start)) return formatOf('html');
  if (start.startsWith('<?xml')) return formatOf(/<svg|<html/.test(start) ? 'html' : 'xml');
  const known = formats.find((format) => format.extensions.includes(extension));
  if (known && (known.kind === 'text' || known.kind === 'xml' || known.id === 'script' || known.id === 'html'))
    return known;
  return formatOf('txt');
}
