/**
 * Packages (归档信息包): a ZIP of files with their metadata as `metadata.json`, `metadata.xml` (an XML package by DA/T 48 in spirit: elements
 * named as the metadata are, in Chinese or English) or `metadata.csv` (name, value), and perhaps a list of files with sizes and fingerprints.
 */
import { Problem } from '../../platform/problem.ts';
import { decodeText } from '../inspect/text.ts';
import { metadataFrom } from '../metadata.ts';
import { badPackage, unreadable } from '../problems.ts';
import { parseXml, type XmlElement } from './xml.ts';
import { type ByteSource, unpack, ZipFault, type ZipFile, type ZipLimits, zipFiles } from './zip.ts';

/** What a package says of one of its files. */
export interface DeclaredFile {
  name: string;
  sha256?: string;
  bytes?: number;
  role?: 'main' | 'attachment';
  software?: string;
}

/** A package as it was read: metadata as they were given, and files to be unpacked. */
export interface ReadPackage {
  metadata: Record<string, unknown>;
  unknown: string[];
  files: { file: ZipFile; declared: DeclaredFile }[];
}

/** Largest metadata file, in bytes. */
const METADATA = 4 * 2 ** 20;
const metadataName = /^(metadata|元数据|著录)\.(json|xml|csv)$/i;
const listName = /^(files|文件清单|目录)\.csv$/i;

const refuse = (zh: string, en: string): never => {
  throw new Problem(badPackage, { zh, en });
};

/** Reads a package. Problems `archives.package`, `archives.metadata-unreadable`. */
export async function readPackage(source: ByteSource, limits: ZipLimits): Promise<ReadPackage> {
  let all: ZipFile[];
  try {
    all = await zipFiles(source, limits);
  } catch (error) {
    if (error instanceof ZipFault) return refuse(error.title.zh, error.title.en);
    throw error;
  }
  const base = (file: ZipFile) => file.name.slice(file.name.lastIndexOf('/') + 1);
  const described = all.filter((f) => metadataName.test(base(f)));
  if (described.length === 0)
    refuse(
      '缺少 metadata.json、metadata.xml 或 metadata.csv',
      'there is no metadata.json, metadata.xml or metadata.csv',
    );
  if (described.length > 1) refuse('有多个元数据文件', 'there are several metadata files');
  const metadataFile = described[0]!;
  const folder = metadataFile.name.slice(0, -base(metadataFile).length);
  const list = all.find((f) => f.name.startsWith(folder) && listName.test(f.name.slice(folder.length)));
  const { pairs, files } = parseDescription(base(metadataFile), await textOf(source, metadataFile));
  const declared = [...files, ...(list ? listOf(await textOf(source, list)) : [])];
  const contents = all.filter(
    (f) => f !== metadataFile && f !== list && !/(^|\/)(\.|__MACOSX\/|Thumbs\.db$)/.test(f.name),
  );
  const short = (file: ZipFile) => (file.name.startsWith(folder) ? file.name.slice(folder.length) : file.name);
  const { values, unknown } = metadataFrom(pairs);
  const names = new Set<string>();
  const found = contents.map((file, i) => {
    const own = declared.find((d) => d.name === short(file) || d.name === base(file));
    let name = base(file);
    if (names.has(name)) name = short(file).replaceAll('/', '_');
    names.add(name);
    return { file, declared: { ...own, name, role: own?.role ?? roleOf(short(file), i) } };
  });
  const missing = declared.filter((d) => !contents.some((f) => short(f) === d.name || base(f) === d.name));
  if (missing.length > 0)
    refuse(
      `清单中的文件不在包内：${missing[0]!.name}`,
      `a file of the list is not in the package: ${missing[0]!.name}`,
    );
  return { metadata: values, unknown, files: found };
}

const roleOf = (path: string, place: number): 'main' | 'attachment' =>
  /(^|\/)(附件|attachments?)\//i.test(path) || (place > 0 && /附件|attach/i.test(path)) ? 'attachment' : 'main';

async function textOf(source: ByteSource, file: ZipFile): Promise<string> {
  if (file.size > METADATA) refuse(`${file.name} 过大`, `${file.name} is too large`);
  const parts: Buffer[] = [];
  try {
    for await (const part of unpack(source, file)) parts.push(part);
  } catch (error) {
    if (error instanceof ZipFault) return refuse(error.title.zh, error.title.en);
    throw error;
  }
  const text = decodeText(Buffer.concat(parts));
  if (text === undefined) throw new Problem(unreadable, { name: file.name, reason: 'UTF-8, GB 18030' });
  return text.replace(/^\ufeff/, '');
}

type Pairs = [string, unknown][];

function parseDescription(name: string, text: string): { pairs: Pairs; files: DeclaredFile[] } {
  try {
    if (/\.json$/i.test(name)) return fromJson(JSON.parse(text));
    if (/\.xml$/i.test(name)) return fromXml(parseXml(text));
    return { pairs: rowsOf(text).map(([key = '', value = '']) => [key, value]), files: [] };
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(unreadable, { name, reason: (error as Error).message });
  }
}

function fromJson(value: unknown): { pairs: Pairs; files: DeclaredFile[] } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('no object');
  const { metadata, files, ...rest } = value as Record<string, unknown>;
  const inner = typeof metadata === 'object' && metadata !== null ? (metadata as Record<string, unknown>) : rest;
  const list = Array.isArray(files) ? files : [];
  return { pairs: Object.entries(inner), files: list.map((f) => declaredOf(Object.entries(f as object))) };
}

function fromXml(root: XmlElement): { pairs: Pairs; files: DeclaredFile[] } {
  const pairs: Pairs = [];
  const files: DeclaredFile[] = [];
  const walk = (element: XmlElement) => {
    for (const child of element.children) {
      if (/^(file|文件)$/i.test(child.name)) files.push(declaredOf(child.children.map((c) => [c.name, c.text.trim()])));
      else if (child.children.length === 0) pairs.push([child.name, child.text.trim()]);
      else walk(child);
    }
  };
  walk(root);
  return { pairs, files };
}

const listNames: Readonly<Record<string, keyof DeclaredFile>> = {
  ...{
    name: 'name',
    文件名: 'name',
    名称: 'name',
    sha256: 'sha256',
    摘要: 'sha256',
    指纹: 'sha256',
    'sha-256': 'sha256',
  },
  ...{ bytes: 'bytes', size: 'bytes', 大小: 'bytes', 字节数: 'bytes', role: 'role', 类型: 'role' },
  ...{ software: 'software', 生成软件: 'software' },
};

function declaredOf(pairs: readonly (readonly [string, unknown])[]): DeclaredFile {
  const found: Record<string, unknown> = {};
  for (const [name, value] of pairs) {
    const key = listNames[name.trim().toLowerCase()];
    if (key && value !== '' && value !== null && value !== undefined) found[key] = value;
  }
  const name = String(found.name ?? '').replaceAll('\\', '/');
  const sha256 = found.sha256 === undefined ? undefined : String(found.sha256).toLowerCase();
  if (name === '') refuse('文件清单中有一项没有文件名', 'an entry of the list of files has no name');
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256))
    refuse(`${name} 声明的 SHA-256 不合规`, `the SHA-256 declared for ${name} is none`);
  return {
    name,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(found.bytes === undefined || !/^\d{1,15}$/.test(String(found.bytes)) ? {} : { bytes: Number(found.bytes) }),
    ...(found.role === undefined
      ? {}
      : { role: /附件|attach/i.test(String(found.role)) ? ('attachment' as const) : ('main' as const) }),
    ...(found.software === undefined ? {} : { software: String(found.software).slice(0, 200) }),
  };
}

function listOf(text: string): DeclaredFile[] {
  const [header = [], ...rows] = rowsOf(text);
  return rows.map((row) => declaredOf(header.map((name, i) => [name, row[i] ?? ''])));
}

/** Rows of a small CSV text (RFC 4180). */
function rowsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (!found) throw new Error(`row ${rows.length + 1}`);
    row.push((found[1]?.replaceAll('""', '"') ?? found[2] ?? '').trim());
    if (found[3] !== ',') {
      if (row.some((value) => value !== '')) rows.push(row);
      row = [];
    }
  }
  return rows;
}
