import { expect, test } from 'vitest';
import { personGroups } from './persons.ts';
import { declare } from './testing.ts';

const name = (n: string, over = {}) => ({ name: n, format: 'person-name', protection: 'personal', ...over });
const id = (n: string, over = {}) => ({ name: n, format: 'citizen-id', protection: 'sensitive', ...over });
const phone = (n: string) => ({ name: n, format: 'phone', protection: 'sensitive' });

test('a row about one person is theirs whole; a telephone in it is theirs unless a library reads the person without it', () => {
  const d = declare(['no', name('nm'), id('id_no'), name('guardian'), phone('guardian_tel')], {
    subject: 'natural-person',
  });
  const [alone] = personGroups(d, []);
  expect(alone).toMatchObject({ id: 'id_no', whole: true, numbers: ['guardian_tel'] });
  const [read] = personGroups(d, [{ source: d.id, id: 'id_no', fields: ['nm'] }]);
  expect(read).toMatchObject({ id: 'id_no', whole: true, names: ['nm'], numbers: [] });
});

test('of a row about two each has the own fields; what is said of both is emptied for neither', () => {
  const d = declare(
    ['no', name('man'), id('man_id'), name('woman'), id('woman_id'), { name: 'kind', protection: 'personal' }],
    { subject: 'natural-person' },
  );
  const mentions = [
    { source: d.id, id: 'man_id', fields: ['man', 'kind'] },
    { source: d.id, id: 'woman_id', fields: ['woman', 'kind'] },
  ];
  expect(personGroups(d, mentions).map((g) => [g.id, g.whole, g.fields])).toEqual([
    ['man_id', false, ['man', 'man_id']],
    ['woman_id', false, ['woman', 'woman_id']],
  ]);
});

test('beside an enterprise the fields of role and relation are the person’s; an owner without a number is known by name and telephone', () => {
  const firm = declare(['code', name('boss', { role: 'person' }), id('boss_id', { role: 'person-id' }), phone('tel')], {
    subject: 'legal-person',
  });
  expect(personGroups(firm, [])).toMatchObject([
    { id: 'boss_id', whole: false, fields: ['boss', 'boss_id', 'tel'], names: ['boss'] },
  ]);
  const rental = declare(['place', name('owner'), phone('owner_tel')], { subject: 'place' });
  expect(personGroups(rental, [])).toMatchObject([{ id: null, whole: false, fields: ['owner', 'owner_tel'] }]);
  expect(personGroups(declare(['a', { name: 'b', protection: 'internal' }]), [])).toEqual([]);
});
