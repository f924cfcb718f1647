import { expect, test } from 'vitest';
import { nextStep } from '../../forms/offline/queue.ts';
import { emptyDraft, missing, operationOf } from './model.ts';

const draft = (patch: object) => ({ ...emptyDraft('task-7-finish', 'finish'), ...patch });

test('a step lacks its words, its proof or its choice until they are there', () => {
  expect(missing(draft({}), true)).toBe('text');
  expect(missing(draft({ text: '已清运' }), true)).toBe('pictures');
  expect(missing(draft({ text: '已清运' }), false)).toBeNull();
  expect(missing(draft({ action: 'accept' }), true)).toBeNull();
  expect(missing(draft({ action: 'ask', text: '下雨' }), false)).toBe('data');
  expect(missing(draft({ action: 'milestone' }), false)).toBe('data');
});

test('a report needs words and a place: a point or an address', () => {
  const report = { ...emptyDraft('report', 'report'), text: '护栏断了' };
  expect(missing(report, false)).toBe('place');
  expect(missing({ ...report, address: '浒山街道' }, false)).toBeNull();
  expect(missing({ ...report, spot: { lon: 121.2, lat: 30.2, accuracy: 9 } }, false)).toBeNull();
});

test('a draft goes to the hub as one operation under its key, with the time at which it was done', () => {
  const at = '2026-11-21T02:00:00.000Z';
  const spot = { lon: 121.2, lat: 30.2, accuracy: 9 };
  expect(operationOf(draft({ text: ' 已清运 ', pictures: ['p'], spot }), 'k', at, 7)).toEqual({
    ...{ key: 'k', kind: 'step', event: 7 },
    step: {
      ...{ action: 'finish', comment: '已清运' },
      data: { longitude: 121.2, latitude: 30.2, pictures: ['p'], doneAt: at },
    },
  });
  expect(operationOf({ ...emptyDraft('report', 'report'), text: '断了', address: ' 东路 ' }, 'k', at, null)).toEqual({
    ...{ key: 'k', kind: 'report' },
    report: { text: '断了', at, pictures: [], address: '东路' },
  });
});

test('steps of one event are sent in their order, a refused one holds up those behind it and nothing else', () => {
  const item = (id: string, subject: string, seq: number, standing: 'waiting' | 'refused' = 'waiting') => ({
    ...{ id, subject, seq, standing, attempts: 0, notBefore: 0 },
  });
  const queue = [item('accept', 'event-7', 1, 'refused'), item('finish', 'event-7', 2), item('report', 'r', 3)];
  expect(nextStep(queue, 1)).toMatchObject({ do: 'send', item: { id: 'report' } });
  expect(nextStep(queue.slice(0, 2), 1)).toEqual({ do: 'rest' });
});
