/** What the citizens' pages have in common: calls that need no account, and must not end anybody's session. */
import { type Answer, ApiProblem, problemOf, urlOf } from '../../../api/client.ts';
import '../events.css';
import '../../../styles/forms.css';

export type PublicState = Answer<'/api/v1/public/events/reports/{token}'>;

/** Calls a public route. @throws ApiProblem */
export async function publicCall<T>(
  method: 'GET' | 'POST',
  path: string,
  { params = {}, body, signal }: { params?: Record<string, string>; body?: unknown; signal?: AbortSignal } = {},
): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(urlOf(path, params), {
      method,
      // Nobody's cookie is needed, so none is sent.
      credentials: 'omit',
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiProblem({
      ...{ code: 'network.unreachable', status: 0 },
      title: {
        zh: '连不上服务，请检查网络后重试。',
        en: 'The service cannot be reached. Check the network and try again.',
      },
    });
  }
  if (!answer.ok) throw await problemOf(answer);
  return (await answer.json()) as T;
}
