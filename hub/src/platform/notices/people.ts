/** Who hears: accounts as they are when a matter is dispatched, what each may open, who stands in for whom, what each wants. */
import { sql } from 'kysely';
import { lentTo } from '../auth/lent.ts';
import { type Permission, permissionsOf, type Role, roles } from '../auth/principal.ts';
import type { KindName } from './kinds.ts';
import type { Deputyship, Link, Recipient, Trx } from './port.ts';
import { defaultSettings, type Settings, settingsSchema } from './settings.ts';

/** An account as notices know it. */
export interface Person {
  id: string;
  login: string;
  name: string;
  organisation: string | null;
  roles: Role[];
  permissions: Set<Permission>;
  settings: Settings;
  /** On which channels the person can be reached at all. */
  reach: { mail: boolean; phone: boolean; handle: boolean };
  /** Account ids of who stands in while the person is on leave. */
  deputies: { id: string; kinds: readonly string[] | null }[];
}

interface Row {
  id: string;
  login: string;
  name: string;
  organisation: string | null;
  grants: { role: string; organisation: string | null }[];
  settings: unknown;
  mail: boolean;
  handle: boolean;
  phone: boolean;
}

/** Everybody who can be told at present: accounts in use, by id. Accounts of demonstrations are there in demonstrations only. */
export class People {
  readonly byId = new Map<string, Person>();
  readonly #byLogin = new Map<string, Person>();
  /** Present organisations by the codes of former ones that they have taken over. */
  readonly #heirs = new Map<string, string>();

  /** Reads them as they stand in the transaction, with the leave of a day. */
  static async read(trx: Trx, of: { demo: boolean; day: string; deputies: readonly Deputyship[] }): Promise<People> {
    const people = new People();
    const { rows } = await sql<Row>`SELECT a.id, a.login, a.name, a.organisation, p.settings,
        p.mail_sealed IS NOT NULL AS mail, p.handle_sealed IS NOT NULL AS handle, p.phone_token IS NOT NULL AS phone,
        coalesce((SELECT jsonb_agg(jsonb_build_object('role', g.role, 'organisation', g.organisation))
          FROM auth.role_grant g WHERE g.account = a.id), '[]') AS grants
      FROM auth.account a LEFT JOIN notices.preference p ON p.account = a.id
      WHERE NOT a.disabled AND (${of.demo} OR NOT a.demo)`.execute(trx);
    for (const r of rows) {
      const held = r.grants
        .filter((g) => g.organisation === null || g.organisation === r.organisation)
        .map((g) => g.role as Role)
        .filter((role) => roles.includes(role));
      const read = settingsSchema.safeParse(r.settings ?? {});
      const person: Person = {
        ...{ id: r.id, login: r.login, name: r.name, organisation: r.organisation, roles: held },
        ...{ permissions: permissionsOf(held), settings: read.success ? read.data : defaultSettings },
        ...{ reach: { mail: r.mail, phone: r.phone, handle: r.handle }, deputies: [] },
      };
      people.byId.set(r.id, person);
      people.#byLogin.set(r.login, person);
    }
    for (const lent of await lentTo([...people.byId.keys()], of.day, trx)) {
      const person = people.byId.get(lent.account)!;
      person.roles.push(lent.role);
      person.permissions = permissionsOf(person.roles);
    }
    const heirs = await sql<{ former: string; heir: string }>`SELECT former, heir FROM auth.succession
      WHERE heir IS NOT NULL`.execute(trx);
    for (const { former, heir } of heirs.rows) people.#heirs.set(former, heir);
    const leave = await sql<{ account: string; deputy: string }>`SELECT account, deputy FROM notices.leave
      WHERE ended_at IS NULL AND from_day <= ${of.day}::date AND to_day >= ${of.day}::date ORDER BY id`.execute(trx);
    for (const l of leave.rows) people.byId.get(l.account)?.deputies.push({ id: l.deputy, kinds: null });
    for (const d of of.deputies) {
      const deputy = people.#byLogin.get(d.deputy);
      if (deputy) people.#byLogin.get(d.head)?.deputies.push({ id: deputy.id, kinds: d.kinds });
    }
    return people;
  }

  /** Whom recipients mean. */
  meant(recipients: readonly Recipient[]): Person[] {
    const found = new Map<string, Person>();
    const now = recipients.map((r) =>
      'organisation' in r && r.organisation
        ? { ...r, organisation: this.#heirs.get(r.organisation) ?? r.organisation }
        : r,
    );
    for (const person of this.byId.values()) if (now.some((r) => means(r, person))) found.set(person.id, person);
    return [...found.values()];
  }

  /**
   * Who hears for a person: the person, or who stands in for them on leave (and for those in turn), as long as somebody does who may
   * open what it leads to. Who is on leave has the notice in the inbox, silently.
   */
  hearing(
    person: Person,
    kind: string,
    links: readonly Link[],
  ): { person: Person; link: string; silent: boolean; for: Person | null }[] {
    const own = linkFor(person, links);
    const heard: ReturnType<People['hearing']> = own === null ? [] : [{ person, link: own, silent: false, for: null }];
    const seen = new Set([person.id]);
    let at: Person = person;
    for (;;) {
      const deputies = at.deputies.filter((d) => stands(d.kinds, kind) && !seen.has(d.id));
      const next = deputies.map((d) => this.byId.get(d.id)).find((d) => d && linkFor(d, links) !== null);
      if (!next) return heard;
      for (const h of heard) h.silent = true;
      seen.add(next.id);
      heard.push({ person: next, link: linkFor(next, links)!, silent: false, for: person });
      at = next;
    }
  }
}

const stands = (kinds: readonly string[] | null, kind: string): boolean =>
  kinds === null || kinds.some((k) => kind.startsWith(k));

function means(r: Recipient, p: Person): boolean {
  if ('account' in r) return r.account === p.login;
  if ('role' in r)
    return p.roles.includes(r.role) && (r.organisation === undefined || r.organisation === p.organisation);
  return p.organisation !== null && r.organisation === p.organisation;
}

/** Where a notice leads for somebody; null where they may open none of it. */
export const linkFor = (p: Pick<Person, 'permissions'>, links: readonly Link[]): string | null =>
  links.find((l) => l.needs === null || p.permissions.has(l.needs))?.to ?? null;

/** Whether a person could have a kind of notice: what the settings page offers. */
export const couldHave = (permissions: ReadonlySet<Permission>, needs: Permission | null, kind: KindName): boolean =>
  needs === null || permissions.has(needs) || (kind === 'event.late' && permissions.has('event.handle'));
