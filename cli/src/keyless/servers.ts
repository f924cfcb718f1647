/** Whom keyless commands ask: the hub that runs on this machine where nothing else is named, or servers of the format anywhere. */
import { Problem } from '@jingwei/hub/light';
import {
  type CalendarChain,
  type PublicationsFile,
  readCalendarChainBytes,
  readPublicationsFile,
  verifyPublicationsFile,
} from '@jingwei/keyless';
import { type Common, configOf, runningHub } from '../hub.ts';
import { algorithmId, bytesOfFile } from './files.ts';
import { noLogin, noPublications, noRoot, noServer, notAnAddress, unreachable } from './problems.ts';

/** How a client of a signing service is named. */
export interface LoginOptions {
  login?: string;
  keyFile?: string;
  hmac?: string;
  timeout?: string;
}

/** Where trust comes from. */
export interface TrustOptions extends LoginOptions {
  publications?: string;
  root?: string;
  email?: string;
  extender?: string;
}

/** Largest publications file that is read. */
const MOST = 64 << 20;
const timeoutOf = ({ timeout }: LoginOptions): number => Math.max(1, Number(timeout) || 15) * 1000;

function addressOf(text: string): URL {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) throw new Problem(notAnAddress, { url: text });
  return new URL(text);
}

/** Whether what comes from an address cannot have been changed on its way: it never leaves this machine, or it is encrypted. */
const direct = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);

const isAddress = (text: string): boolean => /^https?:\/\//.test(text);

async function fetched(url: URL, options: LoginOptions, init: RequestInit = {}): Promise<Uint8Array> {
  const refused = (why: string) => new Problem(unreachable, { url: url.href, why });
  let response: Response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutOf(options)) });
  } catch (error) {
    const { message, cause } = error as { message: string; cause?: { message?: string; code?: string } };
    throw refused(cause?.code ?? cause?.message ?? message);
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of response.body ?? []) {
    length += piece.length;
    if (length > MOST) throw refused(`> ${MOST} B`);
    pieces.push(piece);
  }
  const bytes = new Uint8Array(Buffer.concat(pieces));
  if (!response.ok) throw refused(`HTTP ${response.status}`);
  return bytes;
}

/** Address of a server: as named, or that of the running hub. Throws `cli.keyless.no-server`. */
export function serverAt(named: string | undefined, path: string, option: string, common: Common): string {
  if (named) return addressOf(named).href;
  const hub = runningHub(common);
  if (!hub) throw new Problem(noServer, { option });
  return new URL(path, addressOf(hub)).href;
}

/** Login and key of a client of the service, from options and environment; undefined where neither is given. Throws `cli.keyless.no-login`. */
export async function credentials(
  options: LoginOptions,
): Promise<{ login: string; key: Uint8Array; algorithm: number; timeoutMs: number } | undefined> {
  const login = options.login ?? process.env.JINGWEI_CLI_KEYLESS_LOGIN;
  const inEnvironment = process.env.JINGWEI_CLI_KEYLESS_KEY;
  const text = options.keyFile
    ? Buffer.from(await bytesOfFile(options.keyFile, 64 << 10)).toString('utf8')
    : inEnvironment;
  const key = text?.replace(/\r?\n$/, '');
  if (!login && !key) return undefined;
  if (!login || !key) throw new Problem(noLogin);
  const algorithm = algorithmId(options.hmac ?? 'sha256');
  return { login, key: new TextEncoder().encode(key), algorithm, timeoutMs: timeoutOf(options) };
}

/** Publications that are believed, and where they came from. */
export interface Publications {
  file: PublicationsFile;
  from: string;
  /** Subject of who signed the file. */
  signer: string;
}

/** Bytes of the publications file that is named, or of the running hub's; undefined where there is none. */
export async function publicationsBytes(
  options: TrustOptions,
  common: Common,
): Promise<{ bytes: Uint8Array; from: string; url?: URL } | undefined> {
  const named = options.publications;
  if (named && !isAddress(named)) return { bytes: await bytesOfFile(named, MOST), from: named };
  const hub = named ? undefined : runningHub(common);
  if (!named && !hub) return undefined;
  const url = named ? addressOf(named) : new URL('/keyless/publications', addressOf(hub!));
  return { bytes: await fetched(url, options), from: url.href, url };
}

/** Certificates that are trusted: those named, or those of the hub that the file itself came from, over a way that nobody can change. */
async function rootsOf(options: TrustOptions, common: Common, url: URL | undefined): Promise<Uint8Array[] | undefined> {
  if (options.root) return [await bytesOfFile(options.root, 1 << 20)];
  const hub = runningHub(common);
  if (!url || !hub || addressOf(hub).origin !== url.origin || !direct(url)) return undefined;
  return [await fetched(new URL('/keyless/root.pem', url), options)];
}

/**
 * The publications file, its signature verified up to a trusted root; undefined where none is named and no hub runs. Throws
 * `cli.keyless.no-root` where nothing says whom to trust, and `keyless.publications.…` where the file does not hold.
 */
export async function trustedPublications(options: TrustOptions, common: Common): Promise<Publications | undefined> {
  const found = await publicationsBytes(options, common);
  if (!found) return undefined;
  const roots = await rootsOf(options, common, found.url);
  if (!roots) throw new Problem(noRoot);
  const file = readPublicationsFile(found.bytes);
  const email = options.email ?? configOf(common).seal.email;
  const pem = roots.map((bytes) => (bytes[0] === 0x2d ? Buffer.from(bytes).toString('latin1') : bytes));
  const { signer } = verifyPublicationsFile(file, { roots: pem, email });
  return { file, from: found.from, signer };
}

/** The same, where it is needed. Throws `cli.keyless.no-publications`. */
export async function neededPublications(options: TrustOptions, common: Common): Promise<Publications> {
  const publications = await trustedPublications(options, common);
  if (!publications) throw new Problem(noPublications, { option: '--publications' });
  return publications;
}

/**
 * How calendar chains are asked for: by the protocol, from the extender that is named and with a login, or else without one from the running hub's
 * public interface. Undefined where there is neither.
 */
export async function extenderOf(
  options: TrustOptions,
  common: Common,
): Promise<((time: bigint, to?: bigint) => Promise<CalendarChain>) | undefined> {
  const login = await credentials(options);
  if (options.extender && !login) throw new Problem(noLogin);
  const hub = options.extender ? undefined : runningHub(common);
  if (options.extender || (login && hub)) {
    const { ExtenderClient } = await import('@jingwei/keyless/service');
    const url = serverAt(options.extender, '/keyless/extender', '--extender', common);
    const client = new ExtenderClient({ url, ...login! });
    return (time, to) => client.extend(time, to);
  }
  if (!hub) return undefined;
  const url = new URL('/api/v1/trust/extend', addressOf(hub));
  return async (time, to) => {
    const asked = { aggregationTime: Number(time), ...(to === undefined ? {} : { publicationTime: Number(to) }) };
    const headers = { 'content-type': 'application/json' };
    const answer = await fetched(url, options, { method: 'POST', headers, body: JSON.stringify(asked) });
    const { chain } = JSON.parse(Buffer.from(answer).toString('utf8')) as { chain: string };
    return readCalendarChainBytes(new Uint8Array(Buffer.from(chain, 'base64')));
  };
}
