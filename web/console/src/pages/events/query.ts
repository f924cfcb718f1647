/** The filters of events as they stand in the URL, and as the hub takes them. */
import type { Query } from '../../api/client.ts';
import type { UrlState } from '../../router.tsx';

/** Keys of the URL that narrow the list. */
export const filterKeys = [
  ...['matter', 'group', 'town', 'organisation', 'channel', 'from', 'until', 'q'],
  ...['late', 'supervised', 'asked', 'urgent', 'alert'],
] as const;
/** Marks that are on or off. */
export const marks = ['late', 'supervised', 'asked', 'urgent'] as const;

/** What the URL asks for, without states and place in the list. */
export function filterOf(url: Pick<UrlState, 'get'>): Query {
  return Object.fromEntries(filterKeys.map((key) => [key, url.get(key) || undefined]));
}

/** Everything that is asked: without a state what is still worked on; `all` is everything. */
export function listOf(url: Pick<UrlState, 'get' | 'all'>): Query {
  const states = url.all('state');
  const all = states.includes('all');
  return {
    ...filterOf(url),
    state: all ? undefined : states,
    open: !all && states.length === 0 ? 'true' : undefined,
  };
}

/** The address of the list with these filters, for links out of figures. */
export function listLink(filters: Query): { to: string; search: Record<string, string> } {
  const search: Record<string, string> = {};
  for (const [key, value] of Object.entries(filters))
    if (value !== undefined && value !== null && value !== '') search[key] = String(value);
  return { to: '/events', search };
}
