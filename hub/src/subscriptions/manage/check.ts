/** What a subscription must fulfil, whether it is made or changed. */
import type { z } from 'zod';
import { Problem } from '../../platform/problem.ts';
import type { SharedEntry, ShareRow } from '../../sharing/index.ts';
import type { targetBody } from '../api.ts';
import { shownItems } from '../log/render.ts';
import type { SubscriptionPorts } from '../ports.ts';
import { grantMode, grantNotGiving, itemNotGranted, noRecords } from '../problems.ts';
import { brokerUrl, checkTopic } from '../push/mqtt.ts';
import { giving } from '../push/view.ts';
import { webhookUrl } from '../push/webhook.ts';
import type { Target } from '../store.ts';

type Body = z.output<typeof targetBody>;

/** A grant for files, or for one delivery, covers no continuous supply. */
export const continuous = (share: Pick<ShareRow, 'mode' | 'frequency'>): boolean =>
  share.mode === 'service' || (share.mode === 'batch' && share.frequency !== 'once');

/** Why a grant cannot be subscribed to; null where it can. */
export function grantProblem(
  ports: SubscriptionPorts,
  share: ShareRow,
  shared: SharedEntry | undefined,
): Problem | null {
  if (!giving(share, ports.clock.now())) return new Problem(grantNotGiving, { state: share.state });
  if (!continuous(share)) return new Problem(grantMode);
  if (!shared?.entry.source) return new Problem(noRecords);
  return null;
}

/** Chosen items must be granted ones. */
export function checkItems(
  ports: SubscriptionPorts,
  share: ShareRow,
  shared: SharedEntry,
  items: readonly string[] | null,
): void {
  if (!items) return;
  const known = new Set(shownItems(ports, { share, shared, items: null }, shared.entry.source!).map((i) => i.name));
  const other = items.find((i) => !known.has(i));
  if (other !== undefined) throw new Problem(itemNotGranted, { item: other }, { field: 'items' });
}

/** Checks where to; answers what is kept of it, and the password apart. */
export function checkTarget(
  ports: SubscriptionPorts,
  body: Body,
  batch: number,
): { target: Target; password: string | null | undefined } {
  if (body.kind === 'pull') return { target: {}, password: null };
  if (body.kind === 'webhook') {
    const url = webhookUrl(body.url, ports.networks);
    return { target: { url: url.href, ca: body.ca }, password: null };
  }
  brokerUrl(body.url, ports.networks);
  checkTopic(body.topic, batch);
  const { url, version, topic, user, ca, password } = body;
  return { target: { url, version, topic, user, ca }, password };
}
