/**
 * The console's only way to the hub. Types come from the hub's OpenAPI document (`schema.d.ts`, made by `npm run api-types`);
 * a failure of any sort becomes an `ApiProblem`, so that every page can show a code, a sentence and a way on.
 */
import type { paths } from './schema.d.ts';

/** A text in Chinese with English beside it, as the hub sends it. */
export interface Bilingual {
  zh: string;
  en: string;
}

/** Where the fault lies. */
export interface ProblemPlace {
  file?: string;
  line?: number;
  row?: number;
  column?: number;
  field?: string;
  pointer?: string;
  setting?: string;
}

/** The body of application/problem+json as the hub writes it. */
export interface ProblemBody {
  code: string;
  status: number;
  title: Bilingual;
  place?: ProblemPlace | null;
  details?: ProblemBody[];
}

/** What a page gets when a call fails. */
export class ApiProblem extends Error {
  readonly body: ProblemBody;

  constructor(body: ProblemBody) {
    super(`${body.code}: ${body.title.en}`);
    this.name = 'ApiProblem';
    this.body = body;
  }
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, infer O> ? (O extends undefined ? never : P) : never;
}[keyof paths];
type Operation<P, M extends Method> = P extends keyof paths ? (paths[P] extends Record<M, infer O> ? O : never) : never;
type JsonOf<R> = R extends { content: infer C }
  ? C extends { 'application/json': infer J }
    ? J
    : undefined
  : undefined;
type Success<O> = O extends { responses: infer R } ? JsonOf<R[Extract<keyof R, 200 | 201 | 202 | 204>]> : never;

/** What a successful answer of a route is. */
export type Answer<P extends keyof paths, M extends Method = 'get'> = Success<Operation<P, M>>;
/** What a route takes as its body. */
export type Body<P extends keyof paths, M extends Method = 'post'> =
  Operation<P, M> extends { requestBody?: infer B }
    ? NonNullable<B> extends { content: { 'application/json': infer J } }
      ? J
      : never
    : never;

/** Values for the `{name}` parts of a path. */
export type PathParams = Record<string, string | number>;
/** Query values; an array becomes repeated keys, an empty value is left out. */
export type Query = Record<string, string | number | boolean | null | undefined | readonly (string | number)[]>;

interface CallOptions {
  params?: PathParams;
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
  /** The purpose for which personal data are looked at (audited). */
  purpose?: string;
}

/** Builds the address of a route. */
export function urlOf(path: string, params: PathParams = {}, query: Query = {}): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name] ?? '')));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    if (Array.isArray(value)) for (const one of value) search.append(name, String(one));
    else search.append(name, String(value));
  }
  const text = search.toString();
  return text ? `${filled}?${text}` : filled;
}

/** Told when the hub says that nobody is signed in any more. */
let onSignedOut: () => void = () => {};
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener;
}

/** A problem as it travels: `title` is in the language asked for, `titles` holds both. */
interface WireProblem {
  code?: string;
  titles?: Bilingual;
  place?: ProblemPlace | null;
  details?: WireProblem[];
}

function fromWire(wire: WireProblem, status: number): ProblemBody | null {
  if (!wire.code || !wire.titles) return null;
  return {
    code: wire.code,
    status,
    title: wire.titles,
    ...(wire.place ? { place: wire.place } : {}),
    ...(wire.details ? { details: wire.details.flatMap((one) => fromWire(one, status) ?? []) } : {}),
  };
}

/** What a failed answer says, as a problem. */
export function problemIn(text: string, status: number): ApiProblem {
  try {
    const body = fromWire(JSON.parse(text) as WireProblem, status);
    if (body) return new ApiProblem(body);
  } catch {
    // Not a problem document (a proxy's own page): told by its status below.
  }
  return new ApiProblem({
    code: `http.${status}`,
    status,
    title: {
      zh: `服务返回了状态 ${status}，没有给出说明。`,
      en: `The service answered with status ${status} and no explanation.`,
    },
  });
}

/** What a failed response says, as a problem. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  return problemIn(await response.text(), response.status);
}

/** Nobody answered. */
const unreachable = () =>
  new ApiProblem({
    code: 'network.unreachable',
    status: 0,
    title: {
      zh: '连不上服务，请检查网络后重试。',
      en: 'The service cannot be reached. Check the network and try again.',
    },
  });

async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (options.body !== undefined) headers['content-type'] = 'application/json';
  if (options.purpose) headers['jingwei-purpose'] = encodeURIComponent(options.purpose);
  let response: Response;
  try {
    response = await fetch(urlOf(path, options.params, options.query), {
      method: method.toUpperCase(),
      headers,
      credentials: 'same-origin',
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw unreachable();
  }
  if (!response.ok) {
    const problem = await problemOf(response);
    if (response.status === 401) onSignedOut();
    throw problem;
  }
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** Typed calls, one per method. */
export const api = {
  get: <P extends PathsWith<'get'>>(path: P, options?: Omit<CallOptions, 'body'>): Promise<Answer<P, 'get'>> =>
    call('get', path, options),
  post: <P extends PathsWith<'post'>>(path: P, options?: CallOptions): Promise<Answer<P, 'post'>> =>
    call('post', path, options),
  put: <P extends PathsWith<'put'>>(path: P, options?: CallOptions): Promise<Answer<P, 'put'>> =>
    call('put', path, options),
  patch: <P extends PathsWith<'patch'>>(path: P, options?: CallOptions): Promise<Answer<P, 'patch'>> =>
    call('patch', path, options),
  delete: <P extends PathsWith<'delete'>>(path: P, options?: CallOptions): Promise<Answer<P, 'delete'>> =>
    call('delete', path, options),
};

/**
 * Sends a file as the body of a request, telling how many bytes are on their way: `fetch` cannot tell that. Answers the
 * JSON of a successful answer; fails with an `ApiProblem`.
 */
export function sendFile<T>(url: string, file: Blob, onSent: (bytes: number) => void, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.setRequestHeader('accept', 'application/json');
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = (event) => onSent(event.loaded);
    request.onload = () => {
      if (request.status === 401) onSignedOut();
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as T);
      else reject(problemIn(request.responseText, request.status));
    };
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException('the upload was stopped', 'AbortError'));
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}
