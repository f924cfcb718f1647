import { describe, expect, test } from 'vitest';
import {
  after,
  backoff,
  endsRound,
  hurried,
  nextStep,
  type Outcome,
  outcomeOf,
  type QueueItem,
  recovered,
} from './queue.ts';

const fault = { code: 'x.y', zh: '有误', en: 'wrong' };
const item = (id: string, seq: number, more: Partial<QueueItem> = {}): QueueItem => ({
  id,
  subject: id,
  seq,
  standing: 'waiting',
  attempts: 0,
  notBefore: 0,
  ...more,
});

describe('the queue of the phone', () => {
  test('sends in the order of handing in, one at a time', () => {
    const items = [item('b', 2), item('a', 1)];
    expect(nextStep(items, 0)).toMatchObject({ do: 'send', item: { id: 'a' } });
    expect(nextStep([item('b', 2), item('a', 1, { standing: 'sending' })], 0)).toEqual({ do: 'rest' });
  });

  test('what the hub refused waits for a person and holds up no other record, but a later hand-in of the same', () => {
    const items = [item('a', 1, { subject: 'r', standing: 'refused' }), item('b', 2, { subject: 'r' }), item('c', 3)];
    expect(nextStep(items, 0)).toMatchObject({ do: 'send', item: { id: 'c' } });
    expect(nextStep(items.slice(0, 2), 0)).toEqual({ do: 'rest' });
  });

  test('a record that must wait lets others pass and says until when', () => {
    expect(nextStep([item('a', 1, { notBefore: 50 }), item('b', 2)], 10)).toMatchObject({ item: { id: 'b' } });
    expect(nextStep([item('a', 1, { notBefore: 50 }), item('b', 2, { notBefore: 40 })], 10)).toEqual({
      do: 'wait',
      until: 40,
    });
  });

  test('nothing leaves the phone but by the answer that it is kept', () => {
    const outcomes: Outcome[] = [
      { kind: 'unreachable' },
      { kind: 'signed-out' },
      { kind: 'busy', fault },
      { kind: 'refused', fault },
      { kind: 'conflict', fault },
    ];
    for (const outcome of outcomes) expect(after(item('a', 1), outcome, 0)?.id).toBe('a');
    expect(after(item('a', 1), { kind: 'kept' }, 0)).toBeNull();
  });

  test('a lost network is not counted against the record; a hub that fails is asked ever more rarely', () => {
    expect(after(item('a', 1, { attempts: 2 }), { kind: 'unreachable' }, 0)).toMatchObject({
      attempts: 2,
      standing: 'waiting',
    });
    expect(after(item('a', 1, { attempts: 2 }), { kind: 'busy', fault }, 1000)).toMatchObject({
      attempts: 3,
      notBefore: 9000,
      fault,
    });
    expect(after(item('a', 1), { kind: 'busy', fault, retryAfter: 60_000 }, 0)?.notBefore).toBe(60_000);
    expect(backoff(1)).toBe(2000);
    expect(backoff(99)).toBe(300_000);
  });

  test('after a kill in the middle of sending it is sent again under the same id', () => {
    expect(recovered([item('a', 1, { standing: 'sending' }), item('b', 2, { standing: 'refused' })])).toEqual([
      item('a', 1),
      item('b', 2, { standing: 'refused' }),
    ]);
  });

  test('by hand, what waits is due at once and what must be mended stays', () => {
    expect(
      hurried([item('a', 1, { notBefore: 9 }), item('b', 2, { standing: 'conflict', notBefore: 9 })]).map(
        (i) => i.notBefore,
      ),
    ).toEqual([0, 9]);
  });

  test.each([
    [200, 'kept'],
    [201, 'kept'],
    [0, 'unreachable'],
    [401, 'signed-out'],
    [403, 'refused'],
    [409, 'conflict'],
    [412, 'conflict'],
    [413, 'refused'],
    [422, 'refused'],
    [429, 'busy'],
    [500, 'busy'],
    [503, 'busy'],
  ])('status %i is %s', (status, kind) => {
    expect(outcomeOf(status, fault).kind).toBe(kind);
  });

  test('whatever happens in whatever order, everything is sent exactly once or waits for a person (random walks)', () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed / 2147483648;
    };
    for (let round = 0; round < 200; round++) {
      let items = Array.from({ length: 1 + Math.floor(random() * 6) }, (_, i) =>
        item(`i${i}`, i, { subject: `s${Math.floor(random() * 4)}` }),
      );
      const all = items.length;
      const sent: QueueItem[] = [];
      let now = 0;
      for (let turn = 0; turn < 500; turn++) {
        if (random() < 0.1) items = recovered(items);
        const step = nextStep(items, now);
        if (step.do === 'rest') break;
        if (step.do === 'wait') {
          now = step.until;
          continue;
        }
        const roll = random();
        const outcome: Outcome =
          roll < 0.5
            ? { kind: 'kept' }
            : roll < 0.7
              ? { kind: 'unreachable' }
              : roll < 0.9
                ? { kind: 'busy', fault }
                : { kind: 'refused', fault };
        const next = after(step.item, outcome, now);
        if (next === null) sent.push(step.item);
        items = items.filter((i) => i.id !== step.item.id).concat(next ? [next] : []);
        if (endsRound(outcome)) now += 1000;
      }
      expect(new Set(sent.map((i) => i.id)).size).toBe(sent.length);
      expect(sent.length + items.length).toBe(all);
      // What is left is refused, or stands behind something of the same record that is.
      for (const left of items)
        expect(items.some((i) => i.subject === left.subject && i.standing === 'refused' && i.seq <= left.seq)).toBe(
          true,
        );
      for (const subject of new Set(sent.map((i) => i.subject))) {
        const order = sent.filter((i) => i.subject === subject).map((i) => i.seq);
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }
    }
  });
});
