/** What comes in: throughput, counts, refused readings, files; gateways, keys, outside brokers. */
import type { Readable } from 'node:stream';
import { sql } from 'kysely';
import type { Principal } from '../../platform/auth/principal.ts';
import { defineRoute, type RouteDefinition } from '../../platform/http/index.ts';
import { insideNetwork } from '../../platform/networks/index.ts';
import { Problem } from '../../platform/problem.ts';
import * as api from '../api.ts';
import { checkBroker } from '../devices/brokers.ts';
import { hashOf, newKey } from '../devices/gateways.ts';
import { READINGS } from '../http/handler.ts';
import type { Answer, Form, Sender } from '../intake/door.ts';
import { notKept, outcome, overloaded, sum } from '../intake/intake.ts';
import { type Refusal, refusals } from '../intake/reasons.ts';
import * as k from '../problems.ts';
import type { SensingRoom } from '../room.ts';

const base = '/api/v1/sensing';
const room = 'sensing';
const manage = 'sensing.manage' as const;
/** Bytes of a file of readings. */
const FILE = 256 * 1024 * 1024;
/** Characters of a file that are read as one batch, and refused readings of a file that are named. */
const PIECE = 512 * 1024;
const NAMED = 500;

/** Whoever brings a file: of an organisation its own entities, of none all. */
const fileSender = (r: SensingRoom, p: Principal): Sender => {
  const mine = (entity: string) => p.organisation === null || r.book.of(entity)[0]?.owner === p.organisation;
  return {
    ...{ id: 'file', owner: p.organisation, auto: false },
    may: (n) => mine(r.book.get(n)?.entity ?? ''),
    mayWrite: mine,
    take: () => 0,
  };
};

/** A file in pieces of whole lines, with the lines of the file before each; the header goes before each piece of a CSV. */
async function* pieces(stream: Readable, form: Form): AsyncGenerator<{ text: string; before: number }> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  let header: string | undefined;
  let lines = 0;
  const out = (text: string): { text: string; before: number } => {
    const before = lines;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
    if (form !== 'csv') return { text, before };
    // The header that was put before it is a line more.
    if (header !== undefined) return { text: `${header}\n${text}`, before: before - 1 };
    header = text.slice(0, text.indexOf('\n') < 0 ? undefined : text.indexOf('\n'));
    return { text, before };
  };
  for await (const chunk of stream) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true });
    if (rest.length < PIECE) continue;
    const cut = rest.lastIndexOf('\n');
    if (cut < 0) throw new Problem(k.badBatch, { zh: '单行过长', en: 'a line is too long' });
    yield out(rest.slice(0, cut + 1));
    rest = rest.slice(cut + 1);
  }
  rest += decoder.decode();
  if (rest.trim()) yield out(rest);
}

export function intakeRoutes(r: SensingRoom): RouteDefinition[] {
  const { lake, db, audit, clock } = r.deps;
  return [
    defineRoute({
      ...{ method: 'GET', path: `${base}/intake`, room, access: 'sensing.read', response: api.intakeView },
      ...{ summary: { zh: '读数接入情况', en: 'What comes in' } },
      async handler({ principal }) {
        // Who a broker knows us as is for those who may change it.
        const manages = principal.permissions.has(manage);
        await r.fold.flush();
        const at = (ms: number) => new Date(r.now() - ms).toISOString();
        const minutes = await lake.query(
          `SELECT minute, sum(received)::DOUBLE AS received, sum(kept)::DOUBLE AS kept, sum(late)::DOUBLE AS late, sum(repeated)::DOUBLE AS repeated,
             sum(refused)::DOUBLE AS refused FROM sns.intake WHERE minute >= $from::TIMESTAMP GROUP BY minute ORDER BY minute`,
          { from: at(3_600_000) },
        );
        const from = at(86_400_000);
        const gateways = await lake.query<{ id: string }>(
          `SELECT gateway AS id, sum(received)::DOUBLE AS received, sum(kept)::DOUBLE AS kept, sum(late)::DOUBLE AS late,
             sum(repeated)::DOUBLE AS repeated, sum(converted)::DOUBLE AS converted, sum(refused)::DOUBLE AS refused
           FROM sns.intake WHERE minute >= $from::TIMESTAMP GROUP BY gateway ORDER BY received DESC`,
          { from },
        );
        const reasons = await lake.query<{ reason: Refusal; n: number }>(
          `SELECT reason, sum(n)::DOUBLE AS n FROM sns.refusal WHERE minute >= $from::TIMESTAMP GROUP BY reason ORDER BY n DESC`,
          { from },
        );
        const day = { received: 0, kept: 0, late: 0, repeated: 0, converted: 0, refused: 0 };
        for (const g of gateways as unknown as (typeof day)[])
          for (const key of Object.keys(day) as (keyof typeof day)[]) day[key] += g[key];
        return {
          ...{
            minutes: minutes as never,
            day,
            gateways: gateways.map((g) => ({ ...g, title: titleOf(r, g.id) })) as never,
          },
          reasons: reasons.map((x) => ({ ...x, title: refusals[x.reason] })),
          ...{ sequence: r.sequence, waiting: r.fold.waiting, untold: r.intake.untold },
          http: `${r.deps.http.url()}${READINGS}`,
          mqtt: r.broker?.view() ?? null,
          brokers: (await r.brokers.rows()).map((b) => ({
            ...{
              id: b.id,
              title: b.title,
              url: b.url,
              protocol: b.protocol,
              topic: b.topic,
              shareGroup: b.share_group,
            },
            ...{ gateway: b.gateway, active: b.active, version: b.version },
            ...{ username: manages ? b.username : null, hasPassword: b.token !== null, ca: manages ? b.ca : null },
            ...r.brokers.state(b.id),
          })),
        };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/refused`, room, access: 'sensing.read', query: api.refusedQuery },
      ...{ response: api.refusedList, summary: { zh: '拒收的读数', en: 'Refused readings' } },
      async handler({ query: { reason, gateway, page } }) {
        await r.fold.flush();
        const where = 'WHERE ($reason IS NULL OR reason = $reason) AND ($gateway IS NULL OR gateway = $gateway)';
        const params = { reason: reason ?? null, gateway: gateway ?? null };
        const all = await lake.first<{ n: number }>(`SELECT count(*) AS n FROM sns.refused ${where}`, params);
        const items = await lake.query<{ reason: Refusal; received: string }>(
          `SELECT * FROM sns.refused ${where} ORDER BY received DESC, entity, property LIMIT 50 OFFSET ${(page - 1) * 50}`,
          params,
        );
        return { total: Number(all!.n), items: items.map((x) => ({ ...x, title: refusals[x.reason] })) as never };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/refused/release`, room, access: manage, response: api.outcome },
      problems: [overloaded, notKept],
      summary: {
        zh: '释放已登记设备的拒收读数',
        en: 'Take in refused readings of entities that are registered by now',
      },
      async handler({ principal }) {
        const answer = await release(r);
        const { received, kept } = answer;
        await audit.append({
          ...{ actor: principal, action: 'sensing.release', object: 'sensing-refused', outcome: 'ok' },
          detail: { received, kept },
        });
        return answer;
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: `${base}/files`,
        room,
        access: manage,
        query: api.fileQuery,
        response: api.fileOutcome,
      },
      ...{ bodyType: 'raw', bodyLimit: FILE, problems: [k.badBatch, k.tooMany, overloaded, notKept] },
      summary: { zh: '导入读数文件', en: 'Bring a file of readings' },
      async handler({ query, request, principal }) {
        const sender = fileSender(r, principal);
        const all: Answer = { ...outcome(), faults: [] };
        for await (const { text, before } of pieces(request.body as Readable, query.form)) {
          const named = Math.max(1, NAMED - all.faults.length);
          const answer = await r.door.take(sender, query.form, text, { most: PIECE, bulk: true, named });
          const readings = all.received;
          sum(all, answer);
          for (const f of answer.faults)
            if (all.faults.length < NAMED)
              all.faults.push({ ...f, index: f.index + readings, ...(f.line ? { line: f.line + before } : {}) });
        }
        if (!all.received) throw new Problem(k.badBatch, { zh: '文件没有读数', en: 'the file holds no readings' });
        const { received, kept, repeated, refused } = all;
        await audit.append({
          ...{ actor: principal, action: 'sensing.file', object: 'sensing-readings', outcome: 'ok' },
          detail: { received, kept, repeated, refused },
        });
        return { ...all, faults: all.faults.map((f) => ({ ...f, title: refusals[f.reason] })) };
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${base}/gateways`, room, access: 'sensing.read', response: api.gatewayList },
      ...{ summary: { zh: '设备网关', en: 'Device gateways' } },
      handler: async () => ({ items: await gatewaysShown(r) }),
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/gateways`, room, access: manage, body: api.gatewayBody, status: 201 },
      ...{ response: api.keyMade, problems: [k.exists] },
      summary: { zh: '新建设备网关', en: 'Make a device gateway' },
      description: { zh: '密钥只在此答复中出现一次。', en: 'The key is in this answer only.' },
      async handler({ body: b, principal }) {
        const key = newKey();
        await db.tx(async (trx) => {
          const put =
            await sql`INSERT INTO sensing.gateway (id, title, owner, scope, auto, per_second, state, created_by, created_at)
            VALUES (${b.id}, ${b.title}, ${b.owner}, ${JSON.stringify(b.scope)}::jsonb, ${b.auto}, ${b.perSecond}, 'active',
              ${principal.login}, ${clock.now()}) ON CONFLICT DO NOTHING RETURNING id`.execute(trx);
          if (!put.rows.length) throw new Problem(k.exists, { id: b.id });
          await sql`INSERT INTO sensing.gateway_key (gateway, hash, hint, created_by, created_at)
            VALUES (${b.id}, ${hashOf(key)}, ${`…${key.slice(-4)}`}, ${principal.login}, ${clock.now()})`.execute(trx);
          const detail = { scope: b.scope, auto: b.auto, owner: b.owner };
          await audit.append(
            { actor: principal, action: 'sensing.gateway-make', object: `gateway/${b.id}`, outcome: 'ok', detail },
            trx,
          );
        });
        await r.gateways.load();
        return { gateway: b.id, key };
      },
    }),
    defineRoute({
      ...{ method: 'PATCH', path: `${base}/gateways/{id}`, room, access: manage, params: api.gatewayParams },
      ...{ body: api.gatewayPatch, response: api.gatewayList, problems: [k.unknownGateway, k.conflict] },
      summary: { zh: '修改设备网关', en: 'Change a device gateway' },
      async handler({ params: { id }, body: b, principal }) {
        const old = r.gateways.get(id)?.row;
        if (!old) throw new Problem(k.unknownGateway, { id });
        const scope = JSON.stringify(b.scope ?? old.scope);
        await db.tx(async (trx) => {
          const put =
            await sql`UPDATE sensing.gateway SET title = ${b.title ?? old.title}, scope = ${scope}::jsonb, auto = ${b.auto ?? old.auto},
              per_second = ${b.perSecond ?? old.per_second}, state = ${b.state ?? old.state}, version = version + 1
            WHERE id = ${id} AND version = ${b.version} RETURNING id`.execute(trx);
          if (!put.rows.length) throw new Problem(k.conflict);
          const { version: _, ...detail } = b;
          await audit.append(
            { actor: principal, action: 'sensing.gateway-change', object: `gateway/${id}`, outcome: 'ok', detail },
            trx,
          );
        });
        await r.gateways.load();
        return { items: await gatewaysShown(r) };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/gateways/{id}/keys`, room, access: manage, params: api.gatewayParams },
      ...{ response: api.keyMade, status: 201, problems: [k.unknownGateway, k.twoKeys] },
      summary: { zh: '新增网关密钥', en: 'A further key of a gateway' },
      async handler({ params: { id }, principal }) {
        if (!r.gateways.get(id)) throw new Problem(k.unknownGateway, { id });
        const key = newKey();
        await db.tx(async (trx) => {
          await sql`SELECT 1 FROM sensing.gateway WHERE id = ${id} FOR UPDATE`.execute(trx);
          const n = await sql`SELECT 1 FROM sensing.gateway_key WHERE gateway = ${id} AND ended_at IS NULL`.execute(
            trx,
          );
          if (n.rows.length >= 2) throw new Problem(k.twoKeys);
          await sql`INSERT INTO sensing.gateway_key (gateway, hash, hint, created_by, created_at)
            VALUES (${id}, ${hashOf(key)}, ${`…${key.slice(-4)}`}, ${principal.login}, ${clock.now()})`.execute(trx);
          await audit.append(
            { actor: principal, action: 'sensing.key-make', object: `gateway/${id}`, outcome: 'ok' },
            trx,
          );
        });
        await r.gateways.load();
        return { gateway: id, key };
      },
    }),
    defineRoute({
      ...{ method: 'DELETE', path: `${base}/gateways/{id}/keys/{key}`, room, access: manage, params: api.keyParams },
      ...{ response: api.gatewayList, problems: [k.unknownGateway] },
      summary: { zh: '停用网关密钥', en: 'End a key of a gateway' },
      async handler({ params: { id, key }, principal }) {
        await db.tx(async (trx) => {
          const put =
            await sql`UPDATE sensing.gateway_key SET ended_at = ${clock.now()} WHERE id = ${key} AND gateway = ${id}
            AND ended_at IS NULL RETURNING id`.execute(trx);
          if (!put.rows.length) throw new Problem(k.unknownGateway, { id });
          await audit.append(
            { actor: principal, action: 'sensing.key-end', object: `gateway/${id}`, outcome: 'ok', detail: { key } },
            trx,
          );
        });
        await r.gateways.load();
        return { items: await gatewaysShown(r) };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${base}/brokers`, room, access: manage, body: api.brokerBody, response: api.made },
      ...{ status: 201, problems: [k.badBroker, k.unknownGateway, insideNetwork] },
      summary: { zh: '接入外部消息服务器', en: 'Listen to an outside broker' },
      async handler({ body: b, principal }) {
        checkBroker(r, { url: b.url, protocol: b.protocol, topic: b.topic, share_group: b.shareGroup });
        if (!r.gateways.get(b.gateway)) throw new Problem(k.unknownGateway, { id: b.gateway });
        const sealed = b.password === null ? null : r.secrets.seal(b.password);
        const id = await db.tx(async (trx) => {
          const put = await sql<{
            id: number;
          }>`INSERT INTO sensing.broker (title, url, protocol, topic, share_group, gateway, username, salt,
              ciphertext, token, ca, created_by, created_at)
            VALUES (${b.title}, ${b.url}, ${b.protocol}, ${b.topic}, ${b.shareGroup}, ${b.gateway}, ${b.username}, ${sealed?.salt ?? null},
              ${sealed?.ciphertext ?? null}, ${sealed?.token ?? null}, ${b.ca}, ${principal.login}, ${clock.now()}) RETURNING id`.execute(
            trx,
          );
          const made = put.rows[0]!.id;
          const detail = { url: b.url, topic: b.topic, gateway: b.gateway };
          await audit.append(
            { actor: principal, action: 'sensing.broker-make', object: `broker/${made}`, outcome: 'ok', detail },
            trx,
          );
          return made;
        });
        await r.brokers.reload(id);
        return { id };
      },
    }),
    defineRoute({
      ...{ method: 'PATCH', path: `${base}/brokers/{id}`, room, access: manage, params: api.brokerParams },
      ...{ body: api.brokerPatch, response: api.done },
      problems: [k.unknownBroker, k.conflict, k.badBroker, k.unknownGateway, insideNetwork],
      summary: { zh: '修改或启停外部消息服务器', en: 'Change an outside broker, listen to it or not' },
      description: {
        zh: '改了地址而未重新给出密码时，原密码随之作废。',
        en: 'Where the address changes and no password is given, the kept one is dropped.',
      },
      async handler({ params: { id }, body, principal }) {
        const old = (await r.brokers.rows()).find((b) => b.id === id);
        if (!old) throw new Problem(k.unknownBroker);
        const next = {
          ...{ title: body.title ?? old.title, url: body.url ?? old.url, protocol: body.protocol ?? old.protocol },
          ...{
            topic: body.topic ?? old.topic,
            gateway: body.gateway ?? old.gateway,
            active: body.active ?? old.active,
          },
          share_group: body.shareGroup === undefined ? old.share_group : body.shareGroup,
          username: body.username === undefined ? old.username : body.username,
          ca: body.ca === undefined ? old.ca : body.ca,
        };
        checkBroker(r, next);
        if (!r.gateways.get(next.gateway)) throw new Problem(k.unknownGateway, { id: next.gateway });
        // A password that is kept goes to no other address than the one it was given for.
        const moved = next.url !== old.url && body.password === undefined && old.token !== null;
        const kept = { salt: old.salt, ciphertext: old.ciphertext, token: old.token };
        const none = { salt: null, ciphertext: null, token: null };
        const secret =
          typeof body.password === 'string'
            ? r.secrets.seal(body.password)
            : body.password === null || moved
              ? none
              : kept;
        await db.tx(async (trx) => {
          const put =
            await sql`UPDATE sensing.broker SET title = ${next.title}, url = ${next.url}, protocol = ${next.protocol},
              topic = ${next.topic}, share_group = ${next.share_group}, gateway = ${next.gateway}, username = ${next.username}, ca = ${next.ca},
              salt = ${secret.salt}, ciphertext = ${secret.ciphertext}, token = ${secret.token}, active = ${next.active}, version = version + 1
            WHERE id = ${id} AND version = ${body.version} RETURNING id`.execute(trx);
          if (!put.rows.length) throw new Problem(k.conflict);
          const { password, version: _, ca: __, ...said } = body;
          const detail = {
            ...said,
            ...(password === undefined ? {} : { password: 'changed' }),
            ...(moved ? { password: 'dropped' } : {}),
          };
          await audit.append(
            { actor: principal, action: 'sensing.broker-change', object: `broker/${id}`, outcome: 'ok', detail },
            trx,
          );
        });
        await r.brokers.reload(id);
        return { ok: true as const };
      },
    }),
  ];
}

const titleOf = (r: SensingRoom, id: string): string =>
  r.gateways.get(id)?.row.title ?? { file: '文件导入', release: '释放的读数' }[id] ?? id;

async function gatewaysShown(r: SensingRoom) {
  const keys = await sql<{ id: number; gateway: string; hint: string; created_by: string; created_at: Date }>`
    SELECT id, gateway, hint, created_by, created_at FROM sensing.gateway_key WHERE ended_at IS NULL ORDER BY id`.execute(
    r.deps.db.kysely,
  );
  return r.gateways.all().map(({ row: g }) => ({
    ...{ id: g.id, title: g.title, owner: g.owner, scope: g.scope, auto: g.auto, perSecond: g.per_second },
    ...{ state: g.state, version: g.version },
    keys: keys.rows
      .filter((x) => x.gateway === g.id)
      .map((x) => ({ id: x.id, hint: x.hint, by: x.created_by, at: x.created_at.toISOString() })),
  }));
}

/** Takes in what was refused as unknown and is registered by now; a row leaves the list when it is on disk, so that none is lost. */
async function release(r: SensingRoom): Promise<Answer> {
  await r.fold.flush();
  const { lake } = r.deps;
  const all: Answer = { ...outcome(), faults: [] };
  const rows = await lake.query<Record<'entity' | 'property' | 'at' | 'value' | 'unit', string> & { n: number }>(
    `SELECT f.rowid AS n, f.entity, f.property, f."at", f.value, f.unit FROM sns.refused f WHERE reason = 'unknown' ORDER BY f.rowid LIMIT 100000`,
  );
  const known = rows.filter((x) => r.book.number(x.entity, x.property) > 0);
  const sender: Sender = {
    id: 'release',
    owner: null,
    auto: false,
    may: () => true,
    mayWrite: () => true,
    take: () => 0,
  };
  for (let i = 0; i < known.length; i += 5000) {
    const some = known.slice(i, i + 5000);
    sum(all, await r.door.take(sender, 'json', JSON.stringify(some), { bulk: true }));
    await lake.write('sensing', async (s) => {
      await s.run('DELETE FROM sns.refused WHERE list_contains($rows, rowid)', { rows: some.map((x) => x.n) });
    });
  }
  return all;
}
