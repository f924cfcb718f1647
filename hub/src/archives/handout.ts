/**
 * Content handed out: to look at; as a copy marked with who has it (a text bears the mark itself, anything else comes with a cover sheet); or the
 * whole archive taken out with its proof (出证), so that anybody can verify it without this hub.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import yazl from 'yazl';
import type { Principal } from '../platform/auth/principal.ts';
import type { StreamBody } from '../platform/http/index.ts';
import { Problem } from '../platform/problem.ts';
import { mayHandOut, seen } from './access.ts';
import type { ArchiveDeps } from './deps.ts';
import { formatOf } from './formats.ts';
import { decodeText } from './inspect/text.ts';
import { unknownFile } from './problems.ts';
import { proofOfFile, signatureOf } from './seal.ts';
import { type Action, addStep, proofOfStep, stepsOf } from './steps.ts';
import { type ArchiveRow, examinationsOf, type FileRow, filesOf, generationsOf } from './store.ts';

/** Largest text that is marked in itself, in bytes; a larger one comes with a cover sheet. */
const MARKED = 8 * 2 ** 20;

async function handed(
  deps: ArchiveDeps,
  principal: Principal,
  row: ArchiveRow,
  action: Action,
  detail: Record<string, unknown>,
): Promise<void> {
  await deps.db.tx(async (trx) => {
    await addStep(deps, trx, row.id, action, principal, detail);
    await deps.audit.append(
      { actor: principal, action: `archives.${action}`, object: `archive/${row.id}`, outcome: 'ok', detail },
      trx,
    );
  });
}

const fileOf = (files: readonly FileRow[], no: number): FileRow => {
  const file = files.find((f) => f.no === no);
  if (!file) throw new Problem(unknownFile, { no });
  return file;
};

/** Media types that the console may show; anything else leaves as bytes that no browser runs. */
const shown = new Set(['application/pdf', 'image/jpeg', 'image/png', 'image/gif', 'text/plain', 'text/csv']);

/** A file to look at. */
export async function view(deps: ArchiveDeps, principal: Principal, id: number, no: number): Promise<StreamBody> {
  const { row } = await seen(deps.db, deps.clock.now(), principal, id);
  const loan = await mayHandOut(deps.db, deps.clock.now(), principal, row, 'view');
  const file = fileOf(await filesOf(deps.db, id), no);
  await handed(deps, principal, row, 'viewed', { file: no, borrowing: loan?.id ?? null });
  const { media, kind } = formatOf(file.format ?? 'unknown');
  const contentType =
    kind === 'text' || kind === 'xml' ? 'text/plain' : shown.has(media) ? media : 'application/octet-stream';
  return { chunks: deps.blobs.get(file.sha256), contentType };
}

/** Who has a copy, when, for what: one line in Chinese and one in English. */
function markOf(
  principal: Principal,
  row: ArchiveRow,
  at: Date,
  loan: { id: number; purpose: string } | undefined,
): string[] {
  const time = new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
  const zh = `利用副本 档号 ${row.reference ?? row.id} 提供给 ${principal.name}（${principal.login}）${time}`;
  const en = `Copy for use of ${row.reference ?? row.id}, handed to ${principal.login} at ${time} (UTC+8)`;
  return loan ? [`${zh} 借阅单 ${loan.id} 用途 ${loan.purpose}`, `${en}, borrowing ${loan.id}`] : [zh, en];
}

/** A file to take away. */
export async function download(deps: ArchiveDeps, principal: Principal, id: number, no: number): Promise<StreamBody> {
  const now = deps.clock.now();
  const { row } = await seen(deps.db, now, principal, id);
  const loan = await mayHandOut(deps.db, now, principal, row, 'download');
  const file = fileOf(await filesOf(deps.db, id), no);
  await handed(deps, principal, row, 'downloaded', { file: no, borrowing: loan?.id ?? null });
  const mark = markOf(principal, row, now, loan);
  const { kind, media } = formatOf(file.format ?? 'unknown');
  if (kind === 'text' && file.bytes <= MARKED) {
    const text = decodeText(await gather(deps.blobs.get(file.sha256)));
    if (text !== undefined) {
      const lines = mark.map((line) => (file.format === 'csv' ? `"# ${line.replaceAll('"', '""')}"` : `# ${line}`));
      const copy = `\ufeff${lines.join('\r\n')}\r\n${text.replace(/^\ufeff/, '')}`;
      return { chunks: once(Buffer.from(copy)), filename: copyName(file.name), contentType: media };
    }
  }
  const zip = new yazl.ZipFile();
  zip.addBuffer(Buffer.from(`${mark.join('\r\n')}\r\n`), '利用说明 cover.txt');
  addContent(zip, file.name, () => deps.blobs.get(file.sha256));
  zip.end();
  return { chunks: bytesOf(zip), filename: `${copyName(file.name)}.zip`, contentType: 'application/zip' };
}

const copyName = (name: string): string => name.replace(/(\.[^.]+)?$/, (extension) => `-利用副本${extension}`);

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of chunks) parts.push(part);
  return Buffer.concat(parts);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Adds a content that is read only when its turn has come. */
function addContent(zip: yazl.ZipFile, name: string, open: () => AsyncIterable<Uint8Array>): void {
  zip.addReadStreamLazy(name, (give) => give(null, Readable.from(open(), { objectMode: false })));
}

async function* bytesOf(zip: yazl.ZipFile): AsyncGenerator<Uint8Array> {
  const out = zip.outputStream as Readable;
  zip.on('error', (error: Error) => out.destroy(error));
  for await (const chunk of out) yield chunk as Buffer;
}

const readme = (row: ArchiveRow, mark: readonly string[]): string =>
  [
    '电子档案出证包 Electronic archive with its proof',
    '',
    ...mark,
    '',
    `档号 Reference: ${row.reference}`,
    `题名 Title: ${row.metadata.title ?? ''}`,
    '',
    'files/            档案的文件，原样 the files, byte for byte',
    'metadata.json     签封时的元数据与文件清单 metadata and list of files as sealed',
    'proofs/           无钥签名：每个文件一个，对应 files/ 中的文件；metadata.json.ksig 对应 metadata.json',
    '                  keyless signatures: one for each file, and one for metadata.json',
    'lifecycle/        生命周期环节及其签名 the steps of its life, each with its signature once sealed',
    'checks.json       四性检测记录 what the checks found',
    'publications.bin  公开文件 publications file; root.pem 根证书 root certificate',
    'verify.html       离线验证页面（如附）：用浏览器打开，把文件和同名的 .ksig 一起拖入即可验证，不需要网络',
    '                  offline verifier (when enclosed): open it in a browser and drop a file with its .ksig; no network is needed',
    '',
  ].join('\r\n');

/** Where the offline verifier keeps whom it believes from the start. */
const BELIEVED = '<script type="application/json" id="anchors">null</script>';

/** The offline verifier that believes this hub's root. */
function believing(page: string, { config }: Pick<ArchiveDeps, 'config'>, root: string): string {
  const anchors = { name: `经纬 Jingwei ${config.city}`, root, email: config.seal.parent?.email ?? config.seal.email };
  const json = JSON.stringify(anchors).replaceAll('<', '\\u003c');
  return page.replace(BELIEVED, () => BELIEVED.replace('null', () => json));
}

/** The whole archive with its proof, as a ZIP. */
export async function takeOut(deps: ArchiveDeps, principal: Principal, id: number): Promise<StreamBody> {
  const now = deps.clock.now();
  const { row } = await seen(deps.db, now, principal, id);
  const loan = await mayHandOut(deps.db, now, principal, row, 'download');
  const files = await filesOf(deps.db, id);
  const generations = await generationsOf(deps.db, id);
  const newest = generations[0];
  const first = generations.at(-1);
  const zip = new yazl.ZipFile();
  const add = (name: string, content: string | Uint8Array) => zip.addBuffer(Buffer.from(content as string), name);
  add('说明 README.txt', readme(row, markOf(principal, row, now, loan)));
  if (newest && first) {
    add('metadata.json', first.metadata);
    // Proofs are of the first seal, whose fingerprints every verifier makes; later seals stand beside it.
    add('proofs/metadata.json.ksig', await proofOfFile(deps, row, files, 0, first));
    for (const file of files) add(`proofs/${file.name}.ksig`, await proofOfFile(deps, row, files, file.no, first));
    for (const g of generations) {
      add(`proofs/seals/${g.no}-root.ksig`, await signatureOf(deps, g));
      add(
        `proofs/seals/${g.no}-tree.json`,
        JSON.stringify({ algorithm: g.algorithm, level: g.level, root: g.root, leaves: g.leaves }),
      );
      if (g !== first) add(`proofs/seals/${g.no}-metadata.json`, g.metadata);
    }
  }
  for (const file of files) addContent(zip, `files/${file.name}`, () => deps.blobs.get(file.sha256));
  for (const step of await stepsOf(deps.db, id)) {
    const name = `lifecycle/${String(step.seq).padStart(4, '0')}-${step.action}.json`;
    add(name, step.record);
    const seal = step.seal === null ? undefined : await deps.seal.get(step.seal);
    if (seal?.signature) add(`${name}.ksig`, await proofOfStep(deps, id, step.seq));
  }
  const checks = (await examinationsOf(deps.db, id)).map(({ phase, at, outcome, items, grounds }) => ({
    phase,
    at,
    outcome,
    items,
    grounds,
  }));
  add('checks.json', JSON.stringify(checks, null, 2));
  const anchors = await deps.seal.anchors();
  add('publications.bin', anchors.publicationsFile);
  add('root.pem', anchors.root);
  const verifier = join(deps.folders.sources, '..', 'web', 'verify', 'dist', 'verify.html');
  if (existsSync(verifier)) add('verify.html', believing(readFileSync(verifier, 'utf8'), deps, anchors.root));
  zip.end();
  await handed(deps, principal, row, 'taken-out', { borrowing: loan?.id ?? null, files: files.length });
  const name = (row.reference ?? String(id)).replaceAll('·', '.');
  return { chunks: bytesOf(zip), filename: `${name}.zip`, contentType: 'application/zip' };
}
