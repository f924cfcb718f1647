import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  administratorRoles,
  type Principal,
  permissions,
  permissionsOf,
  type Role,
  rolePermissions,
  roles,
  separationConflict,
} from './principal.ts';
import { type Level, mask, type Protection, protectionTable, type Visibility, visibility } from './protection.ts';

const levels: Level[] = ['core', 'important', 'general'];
const protections: Protection[] = ['public', 'internal', 'personal', 'sensitive'];
const rank: Record<Visibility, number> = { hidden: 0, masked: 1, plain: 2 };

function who(held: Role[], purpose: string | null = null, organisation: string | null = null) {
  return { roles: held, purpose, organisation } satisfies Partial<Principal>;
}

function row(held: Role[], purpose: string | null, organisation: string | null, level: Level): string {
  return protections
    .map((protection) => visibility(who(held, purpose, organisation), { level, owner: 'scjg', protection }))
    .join(' ');
}

test('administrators see no value of any resource, with or without a purpose', () => {
  for (const role of administratorRoles)
    for (const level of levels)
      for (const purpose of [null, 'audit'])
        expect(row([role], purpose, 'scjg', level)).toBe('hidden hidden hidden hidden');
});

test('each business role sees what docs/protection.md states', () => {
  expect(row(['data-steward'], null, null, 'core')).toBe('plain plain masked masked');
  expect(row(['data-steward'], 'case', null, 'core')).toBe('plain plain plain masked');
  expect(row(['data-officer'], null, 'scjg', 'core')).toBe('plain plain masked masked');
  expect(row(['data-officer'], 'case', 'scjg', 'core')).toBe('plain plain plain masked');
  expect(row(['data-officer'], 'case', 'rsj', 'core')).toBe('plain plain masked masked');
  expect(row(['analyst'], 'case', 'scjg', 'core')).toBe('plain plain masked hidden');
  expect(row(['credit-user'], 'case', 'scjg', 'general')).toBe('plain plain masked hidden');
  expect(row(['credit-user'], 'case', 'scjg', 'important')).toBe('plain plain masked hidden');
  expect(row(['credit-user'], 'case', 'scjg', 'core')).toBe('hidden hidden hidden hidden');
  expect(row(['leader'], 'case', 'scjg', 'core')).toBe('plain plain masked masked');
});

test('the table of docs/protection.md is the one that decides', () => {
  const page = readFileSync(new URL('../../../../docs/protection.md', import.meta.url), 'utf8');
  const documented: Record<string, string> = {};
  for (const [, role, level, cells] of page.matchAll(/^\| ([a-z-]+) \| (any|core|important|general) \| (.+) \|$/gm)) {
    const rules = cells!
      .replaceAll('own + purpose', 'own-with-purpose')
      .replaceAll(/(?<![-\w])purpose/g, 'with-purpose')
      .replaceAll(' | ', ' ');
    for (const one of level === 'any' ? levels : [level!]) documented[`${role} ${one}`] = rules;
  }
  const decided: Record<string, string> = {};
  for (const role of roles) {
    for (const level of levels) {
      decided[`${role} ${level}`] = protections.map((p) => protectionTable[role][level][p]).join(' ');
    }
  }
  expect(documented).toEqual(decided);
});

test('nobody without a role sees anything', () => {
  expect(row([], 'case', 'scjg', 'general')).toBe('hidden hidden hidden hidden');
});

test('a sensitive value is never plain, and more roles never show less', () => {
  fc.assert(
    fc.property(
      fc.subarray([...roles]),
      fc.constantFrom(...roles),
      fc.option(fc.constant('case'), { nil: null }),
      fc.constantFrom('scjg', 'rsj', null),
      fc.constantFrom(...levels),
      fc.constantFrom(...protections),
      (held, more, purpose, organisation, level, protection) => {
        const guarded = { level, owner: 'scjg', protection };
        const before = visibility(who(held, purpose, organisation), guarded);
        const after = visibility(who([...held, more], purpose, organisation), guarded);
        expect(rank[after]).toBeGreaterThanOrEqual(rank[before]);
        if (protection === 'sensitive') expect(after).not.toBe('plain');
      },
    ),
  );
});

test('the permission matrix is as reviewed', () => {
  const matrix = permissions.map((p) => `${p}: ${roles.filter((role) => rolePermissions[role].includes(p)).join(' ')}`);
  expect(matrix).toMatchInlineSnapshot(`
    [
      "overview.read: data-steward data-officer analyst leader",
      "catalogue.read: data-steward data-officer analyst leader archivist department-head",
      "catalogue.draft: data-officer",
      "catalogue.approve: department-head",
      "catalogue.review: data-steward",
      "sharing.read: data-steward data-officer leader department-head",
      "sharing.request: data-officer",
      "sharing.handle: data-officer",
      "sharing.approve: department-head",
      "sharing.oversee: data-steward",
      "exchange.read: data-steward data-officer analyst",
      "exchange.operate: data-steward data-officer",
      "exchange.push: data-officer",
      "quarantine.mend: data-steward data-officer",
      "refinery.read: data-steward data-officer analyst",
      "refinery.review: data-steward",
      "linkage.review: data-steward data-officer",
      "linkage.manage: data-steward",
      "library.read: data-steward data-officer analyst leader",
      "lists.read: data-steward data-officer analyst leader",
      "lists.handle: data-steward data-officer",
      "lists.run: data-steward",
      "verify.run: data-steward data-officer",
      "economy.read: data-steward data-officer analyst leader",
      "economy.detail: data-steward analyst",
      "credit.search: data-steward data-officer analyst credit-user leader",
      "credit.read: data-steward data-officer analyst credit-user leader",
      "credit.export: data-steward data-officer analyst credit-user",
      "score.read: data-steward data-officer analyst credit-user leader",
      "score.statistics: data-steward data-officer analyst credit-user leader",
      "score.rank: data-steward analyst leader",
      "score.manage: data-steward",
      "warning.read: data-steward data-officer analyst credit-user leader",
      "warning.handle: data-steward data-officer analyst",
      "person.read: data-steward data-officer analyst credit-user",
      "seal.read: audit-admin data-steward data-officer analyst leader archivist department-head",
      "seal.sign: data-steward data-officer analyst archivist",
      "seal.manage: security-admin",
      "archive.read: data-steward data-officer analyst archivist department-head",
      "archive.deposit: data-officer archivist",
      "archive.manage: archivist",
      "forms.read: data-steward data-officer department-head",
      "forms.design: data-officer",
      "forms.fill: data-officer collector",
      "gateway.read: data-steward data-officer department-head",
      "gateway.use: data-officer",
      "gateway.manage: data-steward",
      "peers.read: data-steward data-officer leader department-head",
      "peers.manage: data-steward",
      "open.read: data-steward data-officer analyst leader department-head",
      "open.propose: data-officer",
      "open.manage: data-steward",
      "assessment.read: data-steward data-officer analyst leader department-head",
      "assessment.object: data-officer department-head",
      "assessment.manage: data-steward",
      "map.read: data-steward data-officer analyst leader department-head duty-officer",
      "sensing.read: data-steward data-officer analyst leader duty-officer",
      "sensing.manage: data-steward data-officer",
      "video.watch: data-steward leader duty-officer",
      "alert.read: data-steward data-officer analyst leader department-head duty-officer",
      "alert.handle: duty-officer",
      "alert.manage: data-steward",
      "risk.read: data-steward data-officer analyst leader duty-officer",
      "risk.manage: data-steward",
      "event.read: data-steward data-officer analyst leader department-head duty-officer",
      "event.report: data-steward data-officer collector duty-officer field-officer",
      "event.handle: data-officer field-officer",
      "event.dispatch: data-steward duty-officer",
      "event.manage: data-steward",
      "command.read: data-steward data-officer leader department-head duty-officer",
      "command.act: duty-officer",
      "command.manage: data-steward",
      "cockpit.read: data-steward data-officer analyst leader department-head duty-officer",
      "cockpit.manage: data-steward",
      "workbench.use: data-steward data-officer analyst",
      "workbench.export: data-steward data-officer analyst",
      "vault.reveal: data-steward",
      "vault.erase: security-admin",
      "erasure.handle: data-steward",
      "erasure.approve: security-admin",
      "keys.manage: security-admin",
      "audit.read: audit-admin",
      "users.manage: system-admin",
      "roles.manage: security-admin",
      "jobs.read: system-admin data-steward",
      "jobs.manage: system-admin",
      "system.read: system-admin security-admin",
      "system.manage: system-admin",
    ]
  `);
});

test('no administrator holds a business permission and no business role an administrative one', () => {
  const administrative = new Set([
    'audit.read',
    'users.manage',
    'roles.manage',
    'jobs.manage',
    'system.read',
    'system.manage',
    // Logins of the signing service.
    'seal.manage',
    // Replaces keys and is never shown one.
    'keys.manage',
    // Ends a person's data without showing any of it.
    'vault.erase',
    // Approves what another proposed, seeing counts only.
    'erasure.approve',
  ]);
  for (const role of roles) {
    for (const p of rolePermissions[role]) {
      if (p === 'jobs.read' || p === 'seal.read') continue;
      expect([role, p, administrative.has(p)]).toEqual([role, p, administratorRoles.includes(role)]);
    }
  }
});

test('an administrator role excludes every other role; business roles combine', () => {
  expect(separationConflict(['system-admin', 'audit-admin'])).toEqual(['system-admin', 'audit-admin']);
  expect(separationConflict(['analyst', 'security-admin'])).toEqual(['security-admin', 'analyst']);
  expect(separationConflict(['audit-admin', 'audit-admin'])).toBeNull();
  expect(separationConflict(['analyst', 'leader'])).toBeNull();
  expect(permissionsOf(['analyst', 'leader']).has('credit.export')).toBe(true);
  expect(permissionsOf([]).size).toBe(0);
});

test.each([
  ['person-name', '张三丰', '张**'],
  ['person-name', '张三', '张**'],
  ['person-name', '张', '**'],
  ['citizen-id', '33028219800101123X', '330282**********3X'],
  ['citizen-id', '330282800101123', '330282*******23'],
  ['citizen-id', '3302821980', '***'],
  ['phone', '13812341234', '138****1234'],
  ['phone', '+86 138 1234 1234', '138****1234'],
  ['phone', '0574-63881234', '0574-******34'],
  ['phone', '63881234', '******34'],
  ['phone', '110', '***'],
  ['account', '6222 0213 0200 1234 567', '6222***********4567'],
  ['account', '12345678', '***'],
  ['document-number', 'E12345678', 'E1*****78'],
  ['document-number', 'E123', '***'],
  ['address', '浙江省慈溪市浒山街道新城大道北1777号3幢402室', '浙江省慈溪市浒山街道新城大道***'],
  ['address', '慈溪市浒山街道三北大街12号', '慈溪市浒山街道三北大街***'],
  ['address', '慈溪市观海卫镇卫山村12号', '慈溪市观海卫镇***'],
  ['address', '某处', '***'],
  ['email', 'zhangsan@cixi.gov.cn', 'z***@cixi.gov.cn'],
  ['email', 'a@b', '***'],
  ['postcode', '315300', '31****'],
  [undefined, '1980-01-01', '***'],
  ['amount', '5000', '***'],
  ['citizen-id', '', ''],
  ['phone', `c~${'a'.repeat(26)}`, '***'],
])('mask %s %s is %s', (format, value, expected) => {
  expect(mask(format, value)).toBe(expected);
});

const stated: [string, number][] = [
  ['person-name', 1],
  ['citizen-id', 8],
  ['phone', 7],
  ['account', 8],
  ['document-number', 4],
  ['postcode', 2],
];

test('a mask never reveals more characters than stated, whatever the value', () => {
  const values = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom(...'0123456789Xx -+()') }),
    fc.string({ unit: fc.constantFrom(...'张三丰欧阳娜甲乙丙') }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...stated), values, ([format, most], value) => {
      const shown = mask(format, value);
      const kept = [...shown].filter((c) => c !== '*' && c !== '-').length;
      expect(kept).toBeLessThanOrEqual(most);
      const text = value.normalize('NFKC').trim();
      if ([...text].length >= 2 && !/^[*-]*$/.test(text)) expect(shown).not.toBe(text);
    }),
  );
});

test('a masked address is a prefix that ends before any house number', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('慈溪市浒山街道', '浙江省宁波市鄞州区', ''),
      fc.constantFrom('新城大道', '解放路', '三北大街', '水门巷'),
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 101, max: 3604 }),
      (area, name, house, room) => {
        const shown = mask('address', `${area}${name}${house}号${room}室`);
        expect(shown).toBe(`${area}${name}***`);
      },
    ),
  );
});

test('unknown formats show nothing of any value', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (value) => {
      expect(['', '***']).toContain(mask('scope', value));
    }),
  );
});
