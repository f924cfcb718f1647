/**
 * A route is defined once, by its schemas: they validate what comes in, check what goes out, and make the OpenAPI
 * description. Paths are written as in OpenAPI: `/api/v1/runs/{run}`.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ZodType, z } from 'zod';
import type { Permission, Principal } from '../auth/principal.ts';
import type { Clock } from '../clock.ts';
import type { Bilingual } from '../i18n/index.ts';
import type { ProblemKind } from '../problem.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Who may call a route: anybody, anybody signed in, or who has the permission. */
export type Access = 'public' | 'signed-in' | Permission;

/** A response that is streamed: the media type of what the handler's async iterable yields. */
export interface StreamResponse {
  stream: string;
}

/** What a handler is given. On a public route `principal` is null for strangers. */
export interface RouteContext<Params, Query, Body, Who> {
  params: Params;
  query: Query;
  body: Body;
  principal: Who;
  /** The purpose of looking at personal data, from the session or the `Jingwei-Purpose` header (percent-encoded UTF-8). */
  purpose?: string;
  clock: Clock;
  request: FastifyRequest;
  reply: FastifyReply;
}

/** What a streaming handler answers: chunks, and the file name under which a browser keeps them. */
export interface StreamBody {
  chunks: AsyncIterable<string | Uint8Array>;
  /** Sent as Content-Disposition attachment (RFC 6266, with UTF-8 names as RFC 8187). */
  filename?: string;
  /** When it differs from the declared media type's default. */
  contentType?: string;
}

type Out<S> = S extends ZodType ? z.output<S> : undefined;

/** The definition of a route; see the fields of the platform's contract. */
export interface RouteOptions<
  A extends Access,
  P extends ZodType | undefined,
  Q extends ZodType | undefined,
  B extends ZodType | undefined,
  R extends ZodType | StreamResponse,
> {
  method: Method;
  path: string;
  /** The room (or platform part) that it belongs to: the tag in the description. */
  room: string;
  summary: Bilingual;
  description?: Bilingual;
  access: A;
  params?: P;
  /** Lists are repeated keys (`?class=a&class=b`), never commas: give them as z.array(…), a single value is wrapped. */
  query?: Q;
  body?: B;
  /** `raw` hands the handler the request's stream (request.body is a Readable); any media type is accepted. */
  bodyType?: 'json' | 'raw';
  /** Largest body in bytes; the configured limit (10 MB) by default. */
  bodyLimit?: number;
  /** Requests a minute from one address; the configured limit by default. */
  rateLimit?: number;
  /** Keeps nothing though it is no GET (a search, a try): answered while nothing may be written. */
  reads?: true;
  /** Takes much memory: refused while that is short. A raw body is so anyway. */
  heavy?: true;
  response: R;
  /** 200 by default; 204 has no body. */
  status?: number;
  /** Problems that it may answer besides the general ones (validation, access, limits, internal). */
  problems?: readonly ProblemKind[];
  /** Clients are told that it ends, when, and what comes after. */
  deprecated?: Deprecation;
  handler(
    context: RouteContext<Out<P>, Out<Q>, Out<B>, A extends 'public' ? Principal | null : Principal>,
  ): Promise<R extends ZodType ? z.input<R> : StreamBody | AsyncIterable<string | Uint8Array>>;
}

/** What is asked for, as back-pressure looks at it. */
export interface Intake {
  method: string;
  room: string;
  /** It keeps nothing. */
  reads: boolean;
  /** It takes much memory. */
  heavy: boolean;
}

/** How a route ends. Days as YYYY-MM-DD. */
export interface Deprecation {
  /** From this day on clients are told (RFC 9745). */
  since: string;
  /** From this day on it answers 410 (RFC 8594); at least half a year after `since`. */
  sunset: string;
  /** What takes its place: a path of this interface. */
  successor: string;
}

/** A route as the server registers it; made by defineRoute. */
export interface RouteDefinition {
  method: Method;
  path: string;
  room: string;
  summary: Bilingual;
  description?: Bilingual;
  access: Access;
  params?: ZodType;
  query?: ZodType;
  body?: ZodType;
  bodyType?: 'json' | 'raw';
  bodyLimit?: number;
  rateLimit?: number;
  reads?: true;
  heavy?: true;
  response: ZodType | StreamResponse;
  status?: number;
  problems?: readonly ProblemKind[];
  deprecated?: Deprecation;
  // biome-ignore lint/suspicious/noExplicitAny: the generic parameters are checked where the route is defined.
  handler(context: RouteContext<any, any, any, any>): Promise<unknown>;
}

/** Defines a route. The types of `params`, `query` and `body` in the handler follow from the schemas. */
export function defineRoute<
  A extends Access,
  R extends ZodType | StreamResponse,
  P extends ZodType | undefined = undefined,
  Q extends ZodType | undefined = undefined,
  B extends ZodType | undefined = undefined,
>(options: RouteOptions<A, P, Q, B, R>): RouteDefinition {
  return options as unknown as RouteDefinition;
}
