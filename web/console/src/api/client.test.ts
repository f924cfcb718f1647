import { afterEach, expect, test, vi } from 'vitest';
import { ApiProblem, api, urlOf, whenSignedOut } from './client.ts';

afterEach(() => vi.unstubAllGlobals());

test('addresses: parts are encoded, lists repeat their key, empty values are left out', () => {
  expect(
    urlOf('/a/{id}', { id: 'x/y 1' }, { q: '海', status: ['a', 'b'], none: '', nil: null, no: undefined, n: 0 }),
  ).toBe('/a/x%2Fy%201?q=%E6%B5%B7&status=a&status=b&n=0');
  expect(urlOf('/a')).toBe('/a');
});

test('a problem document becomes an ApiProblem with its code', async () => {
  const titles = { zh: '已锁定', en: 'locked' };
  const detail = { code: 'auth.password-weak', titles: { zh: '弱', en: 'weak' }, place: { field: 'next' } };
  const wire = {
    type: 'urn:jingwei:problem:auth.locked',
    code: 'auth.locked',
    status: 423,
    title: '已锁定',
    titles,
    details: [detail],
  };
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify(wire), { status: 423 }));
  const error = await api.get('/api/v1/me').catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ApiProblem);
  expect((error as ApiProblem).body).toEqual({
    code: 'auth.locked',
    status: 423,
    title: titles,
    details: [{ code: 'auth.password-weak', status: 423, title: detail.titles, place: { field: 'next' } }],
  });
});

test('an answer that is no problem document still says what happened', async () => {
  vi.stubGlobal('fetch', async () => new Response('<html>', { status: 502 }));
  const error = (await api.get('/api/v1/me').catch((e: unknown) => e)) as ApiProblem;
  expect(error.body.code).toBe('http.502');
  expect(error.body.title.zh).toContain('502');
});

test('no connection is a problem of its own', async () => {
  vi.stubGlobal('fetch', async () => {
    throw new TypeError('failed to fetch');
  });
  const error = (await api.get('/api/v1/me').catch((e: unknown) => e)) as ApiProblem;
  expect(error.body.code).toBe('network.unreachable');
});

test('401 tells the frame that nobody is signed in', async () => {
  const told = vi.fn();
  whenSignedOut(told);
  vi.stubGlobal(
    'fetch',
    async () =>
      new Response(JSON.stringify({ code: 'http.sign-in', titles: { zh: '请先登录', en: 'sign in' } }), {
        status: 401,
      }),
  );
  await expect(api.get('/api/v1/me')).rejects.toBeInstanceOf(ApiProblem);
  expect(told).toHaveBeenCalledOnce();
});
