/** What this room's tests share: people of every role, ports that remember, and routes called through their schemas. */
import type { ZodType } from 'zod';
import { type Principal, permissionsOf, type Role } from '../platform/auth/principal.ts';
import { ManualClock } from '../platform/clock.ts';
import type { RouteDefinition } from '../platform/http/index.ts';
import type { Lake } from '../platform/lake/index.ts';
import { createLogger } from '../platform/log/index.ts';
import type { AuditEntry, VaultPort } from '../platform/room.ts';
import { NotedSeals } from '../platform/seal/testing.ts';
import { Metadata } from './metadata.ts';
import { creditRoutes } from './routes.ts';
import { SearchIndex } from './search/index.ts';

/** Somebody with these roles. */
export function person(role: Role, purpose: string | null = null, organisation: string | null = null): Principal {
  return {
    userId: role,
    login: role,
    name: role,
    organisation,
    roles: [role],
    permissions: permissionsOf([role]),
    sessionId: 's',
    purpose,
  };
}

/** A request to a route. */
export interface Asked {
  params?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
  as?: Principal;
}

/** The room's routes over a lake, with an audit that can be read and a vault that masks by rule. */
export class Room {
  readonly audit: AuditEntry[] = [];
  readonly clock = new ManualClock();
  readonly index: SearchIndex;
  readonly metadata: Metadata;
  readonly routes: RouteDefinition[];
  readonly seal = new NotedSeals();

  constructor(lake: Lake, tokens: Record<string, string> = {}, maxRows = 100) {
    this.index = new SearchIndex(lake, this.clock);
    this.metadata = new Metadata(lake);
    const vault: Pick<VaultPort, 'tokenOf' | 'masks'> = {
      tokenOf: (_, original) => tokens[original] ?? `c~${'z'.repeat(26)}`,
      masks: async (list) => new Map(list.map((t) => [t, `330282********${t.slice(2, 6)}`])),
    };
    this.routes = creditRoutes({
      lake,
      index: this.index,
      metadata: this.metadata,
      vault: vault as VaultPort,
      audit: { append: async (entry) => void this.audit.push(entry) },
      log: createLogger({ level: 'silent' }),
      leafOf: async (source, run, row) => (source ? new Uint8Array(32).fill(run + row) : null),
      maxRows,
      seal: this.seal,
    });
  }

  /** Calls a route as the server would: what goes in and what comes out fit the schemas. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  async call(method: string, path: string, asked: Asked = {}): Promise<any> {
    const route = this.routes.find((r) => r.method === method && r.path === `/api/v1/credit${path}`);
    if (!route) throw new Error(`no route ${method} ${path}`);
    const principal = asked.as ?? person('data-steward', '核查');
    const answer = await route.handler({
      params: route.params?.parse(asked.params ?? {}),
      query: route.query?.parse(asked.query ?? {}),
      body: route.body?.parse(asked.body ?? {}),
      principal,
      ...(principal.purpose ? { purpose: principal.purpose } : {}),
      clock: this.clock,
      request: undefined as never,
      reply: undefined as never,
    });
    return 'stream' in route.response ? answer : (route.response as ZodType).parse(answer);
  }
}

/** All bytes of a stream. */
export async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const c of chunks) parts.push(c);
  return Buffer.concat(parts);
}
