/**
 * What the identifiers in the origin of a keyless signature are called: for anybody, since a certificate that names who asked by `fy` says nothing to
 * who reads it. Names of departments are public; nothing else of the catalogue is told.
 */
import { defineRoute, type RouteDefinition } from '../platform/http/index.ts';
import { originNames } from './api.ts';
import type { Catalogue } from './catalogue.ts';

/** The public route of names. `city`: identifier of the city, the origin of what belongs to no department. */
export function originRoutes(city: string, catalogue: () => Catalogue): RouteDefinition[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/trust/origins',
      room: 'catalogue',
      summary: { zh: '签名来源的名称', en: 'Names of the origins of signatures' },
      access: 'public',
      rateLimit: 120,
      response: originNames,
      async handler() {
        const items = [...catalogue().organisations.values()].map(({ id, name }) => ({ id, name }));
        return { city, items };
      },
    }),
  ];
}
