/** Routes of signing in and of the user's own account. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { defineRoute, type RouteDefinition } from '../http/index.ts';
import { type Language, languageOf, text } from '../i18n/index.ts';
import { Problem } from '../problem.ts';
import {
  done,
  meView,
  oidcCallbackQuery,
  passwordRequest,
  purposeRequest,
  recoveryCodes,
  sessionList,
  sessionPath,
  signInOptions,
  signInRequest,
  totpConfirmRequest,
  totpEnrolment,
  totpEnrolRequest,
  totpRemoveRequest,
} from './api.ts';
import * as problems from './problems.ts';
import type { Auth } from './service.ts';

const FLOW_COOKIE = 'jingwei-oidc';
/** Sign-ins and password checks a minute from one address: above this nobody types. */
const SLOW = 60;
/** Bytes of the largest sign-in: strangers send it. */
const SMALL = 16 * 1024;

/** Routes that everybody has: sign-in and the own account. */
export function accountRoutes(auth: Auth): RouteDefinition[] {
  return [...signInRoutes(auth), ...oidcRoutes(auth), ...meRoutes(auth), ...totpRoutes(auth)];
}

function signInRoutes(auth: Auth): RouteDefinition[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/sign-in',
      room: 'auth',
      summary: text('登录页所需信息', 'What the sign-in page needs'),
      access: 'public',
      response: signInOptions,
      handler: async () => {
        const { oidc, password } = auth.context.config;
        return {
          ...(auth.context.city ? { city: auth.context.city } : {}),
          demo: auth.context.synthetic ?? auth.context.demo,
          oidc: oidc ? { label: oidc.label, start: '/api/v1/oidc/start' } : null,
          passwordPolicy: { minLength: password.minLength, classes: password.classes, history: password.history },
        };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/session',
      room: 'auth',
      summary: text('登录', 'Sign in'),
      access: 'public',
      rateLimit: SLOW,
      bodyLimit: SMALL,
      body: signInRequest,
      response: meView,
      status: 201,
      problems: [
        problems.signInFailed,
        problems.locked,
        problems.disabledAccount,
        problems.codeNeeded,
        problems.codeWrong,
      ],
      handler: async ({ body, request, reply }) => {
        const origin = auth.originOf(request);
        const { token, living, known } = await auth.accounts.signIn(body, origin, auth.knownOf(request));
        auth.giveCookie(request, reply, token);
        auth.giveKnown(request, reply, known);
        return auth.accounts.me(living);
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/api/v1/session',
      room: 'auth',
      summary: text('退出', 'Sign out'),
      access: 'signed-in',
      response: done,
      handler: async ({ principal, request, reply }) => {
        await auth.sessions.end(principal, principal.sessionId);
        auth.takeCookie(request, reply);
        return { ok: true as const };
      },
    }),
  ];
}

function oidcRoutes(auth: Auth): RouteDefinition[] {
  const flowCookie = (secure: boolean) => ({ path: '/api/v1/oidc', httpOnly: true, sameSite: 'lax', secure }) as const;
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/oidc/start',
      room: 'auth',
      summary: text('统一身份认证登录：开始', 'Sign-in by the other provider: start'),
      access: 'public',
      rateLimit: SLOW,
      response: { stream: 'text/html' },
      problems: [problems.oidcOff, problems.oidcFailed],
      handler: async ({ request, reply }) => {
        const base = auth.baseUrl(request);
        let flow: Awaited<ReturnType<typeof auth.oidc.begin>>;
        try {
          flow = await auth.oidc.begin(`${base}/api/v1/oidc/callback`);
        } catch (error) {
          return sorry(error, request, reply);
        }
        const { url, state, maxAge } = flow;
        // Lax: the provider's redirect back is a navigation from another site, on which a strict cookie stays home.
        reply.setCookie(FLOW_COOKIE, state, { ...flowCookie(base.startsWith('https:')), maxAge });
        reply.header('cache-control', 'no-store');
        await reply.redirect(url, 302);
        return page('');
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/oidc/callback',
      room: 'auth',
      summary: text('统一身份认证登录：返回', 'Sign-in by the other provider: return'),
      access: 'public',
      rateLimit: SLOW,
      query: oidcCallbackQuery,
      response: { stream: 'text/html' },
      problems: [problems.oidcOff, problems.oidcFailed, problems.oidcUnknown],
      handler: async ({ request, reply }) => {
        const secure = auth.baseUrl(request).startsWith('https:');
        const origin = auth.originOf(request);
        reply.clearCookie(FLOW_COOKIE, flowCookie(secure));
        const query = request.url.slice(request.url.indexOf('?') + 1);
        try {
          const account = await auth.oidc.finish(query, request.cookies[FLOW_COOKIE]);
          const { token } = await auth.accounts.signInConfirmed(account, origin);
          auth.giveCookie(request, reply, token);
        } catch (error) {
          if (error instanceof Problem) {
            const detail = { ...origin, method: 'oidc', reason: error.kind.code };
            await auth.context.audit.append({
              actor: null,
              action: 'auth.sign-in',
              object: 'user/?',
              outcome: 'refused',
              detail,
            });
          }
          return sorry(error, request, reply);
        }
        // A page of our own that goes on: a redirect would still count as coming from the provider's site, and the
        // strict cookie would not be sent with it.
        return page('<meta http-equiv="refresh" content="0;url=/"><p><a href="/">继续 / Continue</a></p>');
      },
    }),
  ];
}

/** A problem as a page where a browser has been sent here by another page; anything else is thrown on. */
function sorry(error: unknown, request: FastifyRequest, reply: FastifyReply): AsyncIterable<string> {
  if (!(error instanceof Problem) || !request.headers.accept?.includes('text/html')) throw error;
  const { code, title, status } = error.toJSON();
  const language = languageOf(request.headers['accept-language']);
  reply.code(status).header('cache-control', 'no-store');
  return page(
    `<h1>${language === 'zh' ? '未能登录' : 'Not signed in'}</h1><p>${escaped(title[language])}</p><p><code>${code}</code></p>` +
      `<p><a href="/">${language === 'zh' ? '返回登录页' : 'Back to the sign-in page'}</a></p>`,
    language,
  );
}

/** Text as it may stand in HTML. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

async function* page(body: string, language: Language = 'zh'): AsyncIterable<string> {
  const style =
    'body{font:16px/1.7 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}h1{font-size:1.3rem}';
  yield `<!doctype html><html lang="${language === 'zh' ? 'zh-CN' : 'en'}"><head><meta charset="utf-8">` +
    `<meta name="viewport" content="width=device-width"><title>经纬</title><style>${style}</style></head><body>${body}</body></html>`;
}

function meRoutes(auth: Auth): RouteDefinition[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/me',
      room: 'auth',
      summary: text('我的账号与会话', 'My account and session'),
      access: 'signed-in',
      response: meView,
      handler: ({ request }) => auth.accounts.me(auth.livingOf(request)),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/me/password',
      room: 'auth',
      summary: text('修改密码', 'Change the password'),
      access: 'signed-in',
      rateLimit: SLOW,
      body: passwordRequest,
      response: done,
      problems: [problems.currentWrong, problems.weak, problems.locked],
      handler: async ({ body, request }) => {
        await auth.accounts.changePassword(auth.livingOf(request), body.current, body.next);
        return { ok: true as const };
      },
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/me/sessions',
      room: 'auth',
      summary: text('我的会话', 'My sessions'),
      access: 'signed-in',
      response: sessionList,
      handler: async ({ principal }) => ({ items: await auth.sessions.list(principal) }),
    }),
    defineRoute({
      method: 'DELETE',
      path: '/api/v1/me/sessions/{id}',
      room: 'auth',
      summary: text('结束我的一个会话', 'End one of my sessions'),
      access: 'signed-in',
      params: sessionPath,
      response: done,
      problems: [problems.noSession],
      handler: async ({ params, principal }) => {
        await auth.sessions.end(principal, params.id);
        return { ok: true as const };
      },
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/me/purpose',
      room: 'auth',
      summary: text('选定查看个人信息的目的', 'Choose the purpose of looking at personal data'),
      access: 'signed-in',
      body: purposeRequest,
      response: done,
      handler: async ({ body, principal }) => {
        await auth.sessions.setPurpose(principal, body);
        return { ok: true as const };
      },
    }),
    defineRoute({
      method: 'DELETE',
      path: '/api/v1/me/purpose',
      room: 'auth',
      summary: text('取消已选目的', 'Take the purpose back'),
      access: 'signed-in',
      response: done,
      handler: async ({ principal }) => {
        await auth.sessions.setPurpose(principal, null);
        return { ok: true as const };
      },
    }),
  ];
}

function totpRoutes(auth: Auth): RouteDefinition[] {
  return [
    defineRoute({
      method: 'POST',
      path: '/api/v1/me/totp',
      room: 'auth',
      summary: text('登记动态验证器', 'Enrol an authenticator'),
      access: 'signed-in',
      rateLimit: SLOW,
      body: totpEnrolRequest,
      response: totpEnrolment,
      problems: [problems.totpState, problems.currentWrong],
      handler: ({ body, request }) => auth.accounts.enrolTotp(auth.livingOf(request), body.password),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/me/totp/confirm',
      room: 'auth',
      summary: text('确认动态验证器并取得恢复码', 'Confirm the authenticator and get recovery codes'),
      access: 'signed-in',
      rateLimit: SLOW,
      body: totpConfirmRequest,
      response: recoveryCodes,
      problems: [problems.totpState, problems.codeWrong],
      handler: async ({ body, request }) => ({
        recoveryCodes: await auth.accounts.confirmTotp(auth.livingOf(request), body.code),
      }),
    }),
    defineRoute({
      method: 'POST',
      path: '/api/v1/me/totp/remove',
      room: 'auth',
      summary: text('取消动态验证器', 'Remove the authenticator'),
      access: 'signed-in',
      rateLimit: SLOW,
      body: totpRemoveRequest,
      response: done,
      problems: [problems.totpState, problems.codeWrong, problems.currentWrong],
      handler: async ({ body, request }) => {
        await auth.accounts.removeTotp(auth.livingOf(request), body.password, body.code);
        return { ok: true as const };
      },
    }),
  ];
}
