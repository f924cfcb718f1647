/** What the exchange tells later rooms; they catch up from `v.run_v1` after a restart. */
import { eventKind } from '../platform/bus/index.ts';

/** A run is in the lake. */
export const runFinished = eventKind<{ run: number; source: string; accepted: number; vanished: number }>(
  'exchange.run-finished',
);

/** A delivery was refused whole. */
export const deliveryRefused = eventKind<{ source: string; input: string; code: string }>('exchange.delivery-refused');

/** A source should have delivered and has not. */
export const sourceOverdue = eventKind<{ source: string; due: string }>('exchange.source-overdue');
