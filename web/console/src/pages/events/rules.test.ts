import { expect, test } from 'vitest';
import { between, colourOf, pointsOf } from './places.ts';
import { listLink, listOf } from './query.ts';
import { minutesOf, suggested, workingDay } from './rules.ts';

const catalogue = {
  matters: [
    { id: 'ponding', group: 'emergency', responsible: 'gysy' },
    { id: 'advice', group: 'other', responsible: 'zhzf' },
  ],
  rules: [
    { name: { zh: '甲', en: 'A' }, when: { matters: ['ponding'], towns: ['330282405'] }, to: 'slj', joint: ['nyj'] },
    { name: { zh: '乙', en: 'B' }, when: { urgency: 'urgent' }, to: null, joint: ['yjgl'] },
  ],
};
const event = { matter: 'ponding', town: null, channel: 'grid', urgency: 'normal' };

test('the first rule that fits says whose an event is; without one the matter does; without a matter nobody', () => {
  expect(suggested(catalogue, { ...event, town: '330282405' })).toMatchObject({ to: 'slj', joint: ['nyj'] });
  expect(suggested(catalogue, { ...event, urgency: 'urgent' })).toMatchObject({ to: 'gysy', joint: ['yjgl'] });
  expect(suggested(catalogue, event)).toEqual({ to: 'gysy', joint: [], rule: null });
  expect(suggested(catalogue, { ...event, matter: null })).toBeNull();
});

test('a limit is counted in its own time: a working day has as many minutes as its office hours', () => {
  expect(workingDay(['08:30–12:00', '13:30–17:00'])).toBe(420);
  expect(minutesOf(2, 'working-days', 420)).toBe(840);
  expect(minutesOf(3, 'hours', 420)).toBe(180);
});

test('the address of the list says what is open where no state is asked for, and everything where all is', () => {
  const url = (keys: Record<string, string[]>) => ({
    get: (k: string) => keys[k]?.[0] ?? '',
    all: (k: string) => keys[k] ?? [],
  });
  expect(listOf(url({}))).toMatchObject({ open: 'true' });
  expect(listOf(url({ state: ['filed'], town: ['x'] }))).toMatchObject({
    state: ['filed'],
    open: undefined,
    town: 'x',
  });
  expect(listOf(url({ state: ['all'] }))).toMatchObject({ state: undefined, open: undefined });
  expect(listLink({ town: 'x', late: undefined })).toEqual({ to: '/events', search: { town: 'x' } });
});

test('only what has a place is on the map, late before urgent; a way is told with its direction', () => {
  const one = { id: 1, number: 'n', longitude: 121.2, latitude: 30.2, late: true, urgency: 'urgent', state: 'filed' };
  expect(colourOf(one)).toBe('bad');
  expect(pointsOf([one, { ...one, id: 2, longitude: null }]).features.map((f) => f.id)).toEqual([1]);
  const way = between({ lon: 121.2, lat: 30.2 }, { lon: 121.2, lat: 30.209 });
  expect(Math.round(way.metres)).toBe(1002);
  expect(way.bearing).toBe(0);
});
