/** The routes of the declared libraries. What is about persons asks for a permission and a purpose, and is always audited. */

import type { Principal } from '../../platform/auth/principal.ts';
import { purposeNeeded } from '../../platform/auth/problems.ts';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { Shower } from '../../refinery/index.ts';
import * as api from './api.ts';
import type { LibraryDeclaration } from './declaration.ts';
import { baseLibraries } from './index.ts';
import { placeRoutes } from './place-routes.ts';
import * as read from './read.ts';

type Asked = { principal: Principal; purpose?: string };

/** A question to one library: who may ask it, and what was seen settled and audited at the end. */
export type Asker = <T>(
  asked: Asked,
  name: string,
  what: { action: string; object: string },
  work: (reading: read.Reading, d: LibraryDeclaration) => Promise<T>,
) => Promise<T>;

/** Routes over the declared libraries. */
export function baseRoutes(deps: Deps): RouteDefinition[] {
  const { lake, vault, audit } = deps;
  const room = 'libraries';
  const base = '/api/v1/libraries/base';
  const all = () => baseLibraries(lake, deps.folders);

  const ask: Asker = async <T>(
    asked: Asked,
    name: string,
    what: { action: string; object: string },
    work: (reading: read.Reading, d: LibraryDeclaration) => Promise<T>,
  ): Promise<T> => {
    const { libraries } = all();
    const d = libraries.find((l) => l.declaration.library === name)?.declaration;
    if (!d) throw new Problem(read.unknownLibrary, { library: name });
    const purpose = asked.purpose ?? asked.principal.purpose;
    const note = (outcome: 'ok' | 'refused', detail: Record<string, unknown> = {}) =>
      audit.append({
        actor: asked.principal,
        action: what.action,
        object: `${name}/${what.object}`,
        outcome,
        ...(purpose ? { purpose } : {}),
        detail,
      });
    if (d.personal) {
      const allowed = asked.principal.permissions.has('person.read');
      if (!allowed || !purpose) {
        await note('refused', { reason: allowed ? 'no purpose' : 'no permission' });
        throw new Problem(allowed ? purposeNeeded : read.personForbidden);
      }
    }
    const shower = new Shower({ ...asked.principal, purpose }, vault);
    const answer = await work({ lake, libraries, shower }, d);
    await shower.settle(audit, `${name}:${what.object}`);
    if (d.personal) await note('ok');
    return answer;
  };
  const personal = [read.unknownLibrary, read.personForbidden, purposeNeeded];
  return [
    defineRoute({
      method: 'GET',
      path: base,
      room,
      summary: { zh: '基础库目录', en: 'The declared libraries' },
      access: 'library.read',
      response: api.librariesAnswer,
      handler: async ({ principal }) => {
        const { libraries, problems } = all();
        return read.libraryList(lake, libraries, principal.permissions.has('person.read'), problems.length);
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/{library}/entities`,
      room,
      summary: { zh: '查询基础库', en: 'Search a library' },
      access: 'library.read',
      params: api.libraryParams,
      query: api.searchQuery,
      response: api.searchAnswer,
      problems: [...personal, read.queryNeeded],
      handler: (c) =>
        ask(c, c.params.library, { action: 'library.search', object: 'by-text' }, (reading, d) => {
          // Persons are looked up one by one, never leafed through.
          if (d.personal && c.query.q.trim() === '') throw new Problem(read.queryNeeded);
          return read.searchEntities(reading, d, c.query);
        }),
    }),
    defineRoute({
      method: 'POST',
      path: `${base}/{library}/identity`,
      reads: true,
      room,
      summary: { zh: '按证件号码查询基础库', en: 'Find a person of a library by identity number' },
      access: 'person.read',
      params: api.libraryParams,
      body: api.identityBody,
      response: api.searchAnswer,
      problems: personal,
      handler: (c) => {
        const key = vault.normOf('citizen-id', c.body.identity);
        return ask(c, c.params.library, { action: 'library.search', object: key }, (reading, d) =>
          read.byKey(reading, d, key),
        );
      },
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/{library}/entities/{entity}`,
      room,
      summary: { zh: '基础库的一条记录', en: 'One entity of a library' },
      access: 'library.read',
      params: api.entityParams,
      response: api.entityAnswer,
      problems: [...personal, read.unknownEntity],
      handler: (c) =>
        ask(c, c.params.library, { action: 'library.look', object: String(c.params.entity) }, (reading, d) =>
          read.entityOf(reading, d, c.params.entity),
        ),
    }),
    defineRoute({
      method: 'GET',
      path: `${base}/{library}/entities/{entity}/why/{attribute}`,
      room,
      summary: { zh: '基础库取值依据', en: 'Why an attribute has its value' },
      access: 'library.read',
      params: api.whyParams,
      response: api.whyAnswer,
      problems: [...personal, read.unknownAttribute],
      handler: (c) =>
        ask(
          c,
          c.params.library,
          { action: 'library.why', object: `${c.params.entity}/${c.params.attribute}` },
          (reading, d) => read.whyOf(reading, d, c.params.entity, c.params.attribute),
        ),
    }),
    ...placeRoutes(deps, ask),
  ];
}
