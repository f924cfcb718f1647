/** Routes of erasure: who handles it enters and proposes, the security administrator approves; both see counts only. */
import { citizenId, upgradeCitizenId } from '@jingwei/codes';
import type { Principal } from '../platform/auth/principal.ts';
import { defineRoute, forbidden, type RouteDefinition } from '../platform/http/index.ts';
import { Problem } from '../platform/problem.ts';
import * as api from './api.ts';
import { certificateOf } from './certificate.ts';
import type { ErasurePorts } from './ports.ts';
import * as k from './problems.ts';
import * as store from './store.ts';
import { matterShown, matters } from './views.ts';

const room = 'erasure';
const base = '/api/v1/erasure/matters';
const one = `${base}/{id}`;
const ok = { ok: true as const };

/** Who handles matters and who approves them see them; nobody else. */
function sees(p: Principal): void {
  if (!p.permissions.has('erasure.handle') && !p.permissions.has('erasure.approve'))
    throw new Problem(forbidden, { permission: 'erasure.handle' });
}

/** All of them. */
export function erasureRoutes(of: () => ErasurePorts): RouteDefinition[] {
  const params = api.idParams;
  return [
    defineRoute({
      ...{ method: 'GET', path: base, room, access: 'signed-in', query: api.listQuery, response: api.matterList },
      summary: { zh: '个人信息删除事项', en: 'Matters of erasure' },
      handler: ({ query, principal }) => {
        sees(principal);
        return matters(of(), query);
      },
    }),
    defineRoute({
      ...{
        method: 'POST',
        path: base,
        room,
        access: 'erasure.handle',
        body: api.enterBody,
        response: api.made,
        status: 201,
      },
      problems: [k.wrongNumber, k.openAlready, k.future],
      summary: { zh: '录入删除请求', en: 'Enter a request to erase a person' },
      handler: async ({ body, principal }) => ({ id: await store.enter(of(), body, principal) }),
    }),
    defineRoute({
      ...{
        method: 'GET',
        path: one,
        room,
        access: 'signed-in',
        params,
        response: api.matterView,
        problems: [k.unknownMatter],
      },
      summary: { zh: '一个删除事项', en: 'A matter of erasure' },
      handler: ({ params: { id }, principal }) => {
        sees(principal);
        return matterShown(of(), id, principal);
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${one}/look`, room, access: 'erasure.handle', params, response: api.done },
      problems: [k.unknownMatter, k.wrongState],
      summary: { zh: '重新查找持有情况', en: 'Look again for what is held' },
      handler: async ({ params: { id }, principal }) => {
        await store.lookAgain(of(), id, principal);
        return ok;
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${one}/proposal`, room, access: 'erasure.handle', params, body: api.proposeBody },
      ...{ response: api.done, problems: [k.unknownMatter, k.wrongState, k.notLooked, k.unknownClass] },
      summary: { zh: '提出处理意见', en: 'Propose what is to happen' },
      handler: async ({ params: { id }, body, principal }) => {
        await store.propose(of(), id, body, principal);
        return ok;
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${one}/refusal`, room, access: 'erasure.handle', params, body: api.refuseBody },
      ...{ response: api.done, problems: [k.unknownMatter, k.wrongState] },
      summary: { zh: '提出不予删除', en: 'Propose to refuse it' },
      handler: async ({ params: { id }, body, principal }) => {
        await store.proposeRefusal(of(), id, body, principal);
        return ok;
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${one}/approval`, room, access: 'erasure.approve', params, response: api.done },
      problems: [k.unknownMatter, k.wrongState, k.ownProposal],
      summary: { zh: '审批', en: 'Approve what was proposed' },
      handler: async ({ params: { id }, principal }) => {
        await store.approve(of(), id, principal);
        return ok;
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${one}/return`, room, access: 'erasure.approve', params, body: api.commentBody },
      ...{ response: api.done, problems: [k.unknownMatter, k.wrongState] },
      summary: { zh: '退回', en: 'Send it back' },
      handler: async ({ params: { id }, body, principal }) => {
        await store.sendBack(of(), id, body.comment, principal);
        return ok;
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${one}/withdrawal`, room, access: 'erasure.handle', params, body: api.commentBody },
      ...{ response: api.done, problems: [k.unknownMatter, k.wrongState] },
      summary: { zh: '撤回', en: 'Withdraw it' },
      handler: async ({ params: { id }, body, principal }) => {
        await store.withdraw(of(), id, body.comment, principal);
        return ok;
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${one}/resumption`, room, access: 'erasure.handle', params, response: api.done },
      problems: [k.unknownMatter, k.wrongState],
      summary: { zh: '继续执行', en: 'Go on with what failed' },
      handler: async ({ params: { id }, principal }) => {
        await store.resume(of(), id, principal);
        return ok;
      },
    }),
    defineRoute({
      ...{ method: 'GET', path: `${one}/certificate`, room, access: 'signed-in', params },
      ...{ response: { stream: 'application/json' }, problems: [k.unknownMatter, k.noCertificate] },
      summary: { zh: '删除证明', en: 'The certificate' },
      handler: async ({ params: { id }, principal }) => {
        sees(principal);
        const { text, revision } = await certificateOf(of(), id);
        return { chunks: one_(text), filename: `erasure-${id}-${revision}.json`, contentType: 'application/json' };
      },
    }),
    defineRoute({
      ...{ method: 'POST', path: `${one}/check`, room, access: 'erasure.handle', params, body: api.checkBody },
      ...{ response: api.checkAnswer, problems: [k.unknownMatter, k.wrongNumber] },
      summary: { zh: '核对号码与证明', en: 'Tell whether a certificate is about a number' },
      handler: async ({ params: { id }, body, principal }) => {
        const ports = of();
        const m = await store.matterOf(ports.db.kysely, id);
        const written = citizenId.normalise(body.number).value;
        const number = upgradeCitizenId(written) ?? written;
        if (!citizenId.check(number)) throw new Problem(k.wrongNumber, {}, { field: 'number' });
        const matches = ports.erasing.digest(ports.vault.normOf('citizen-id', number)) === m.digest;
        await ports.audit.append({
          ...{ actor: principal, action: 'erasure.check', object: `erasure/${id}`, outcome: 'ok', detail: { matches } },
        });
        return { matches };
      },
    }),
  ];
}

async function* one_(text: string): AsyncGenerator<string> {
  yield text;
}
