/** How a route ends: told to clients by headers (Deprecation, RFC 9745; Sunset, RFC 8594; Link), then refused with what comes after. */
import type { FastifyReply } from 'fastify';
import type { Clock } from '../clock.ts';
import { Problem } from '../problem.ts';
import { gone } from './problems.ts';
import type { Deprecation, RouteDefinition } from './route.ts';

/** Days that clients have at least between being told and the end. */
const LEAST = 180;
const DAY = 86_400_000;

/** Midnight of a day in the city (UTC+8, without summer time), Unix milliseconds. */
const midnight = (day: string): number => Date.parse(`${day}T00:00:00+08:00`);

/** What is wrong with a declaration; a programming error, told when routes are registered. */
export function faultOf({ since, sunset }: Deprecation): string | undefined {
  const [from, to] = [midnight(since), midnight(sunset)];
  if (!/^\d{4}-\d\d-\d\d$/.test(since) || Number.isNaN(from)) return `since is no day: ${since}`;
  if (!/^\d{4}-\d\d-\d\d$/.test(sunset) || Number.isNaN(to)) return `sunset is no day: ${sunset}`;
  return to - from < LEAST * DAY ? `clients have less than ${LEAST} days` : undefined;
}

/** Tells that a route ends, on every answer of it; once it has ended, refuses. */
export function tellEnd(deprecation: Deprecation, clock: Clock, reply: FastifyReply): void {
  const { since, sunset, successor } = deprecation;
  reply.header('deprecation', `@${midnight(since) / 1000}`);
  reply.header('sunset', new Date(midnight(sunset)).toUTCString());
  reply.header('link', `<${successor}>; rel="successor-version"`);
  if (clock.now().getTime() >= midnight(sunset)) throw new Problem(gone, { sunset, successor });
}

/** The page docs/api/README.md: versions, and what ends; a test keeps it true. */
export function deprecationPage(routes: readonly Pick<RouteDefinition, 'method' | 'path' | 'deprecated'>[]): string {
  const rows = routes
    .flatMap(({ method, path, deprecated: d }) =>
      d ? [`| \`${method} ${path}\` | ${d.since} | ${d.sunset} | \`${d.successor}\` |`] : [],
    )
    .sort();
  return [
    '# Versions of the interface (接口版本)',
    '',
    'The interface is `/api/v1`, described by `/api/openapi.json`. Within a version changes only add: routes, fields of answers, parameters that may be left out,',
    'values of enumerations. Clients read what they know and pass over the rest.',
    '',
    '`v1.json` beside this page is the contract: of every route who may call it, what it asks and what it answers, a line each. A test holds the present',
    'routes against it: a route or a field of an answer that is gone, a field that is asked for now, another type, another permission each fail it, with',
    'their place. What was added is recorded by `npx vitest run hub/src/outside.test.ts -u`.',
    '',
    '## How a route ends',
    '',
    `It is declared with a day, its end at least ${LEAST} days later, and what takes its place. From then on every answer of it carries`,
    '`Deprecation: @<seconds>` (RFC 9745), `Sunset: <date>` (RFC 8594) and `Link: <…>; rel="successor-version"`, and the description marks it `deprecated`.',
    'From its last day on it answers 410 `http.gone` with the same headers; only then may it be taken out of the program.',
    '',
    '## What ends',
    '',
    ...(rows.length > 0
      ? ['| route | told since | ends | in its place |', '|---|---|---|---|', ...rows]
      : ['Nothing at present.']),
    '',
  ].join('\n');
}
