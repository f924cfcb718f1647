/** Opens the signing service of a hub with what its signatures end in: the signing thread's work, apart from its messages. */
import { type ServiceOptions, SigningService } from '@jingwei/keyless/service';
import { algorithmNumber } from './algorithm.ts';
import { openAnchors, type PublishedAnchors } from './anchors.ts';
import { parentOf } from './parent.ts';
import type { SignerSetup } from './signer.ts';

/** A service with its anchors. */
export interface OpenedService {
  service: SigningService;
  anchors: PublishedAnchors;
}

/** Opens both. `now`: Unix milliseconds; `clients`: who may speak the protocols. */
export async function openService(
  setup: SignerSetup,
  { now, ...options }: Pick<ServiceOptions, 'clients' | 'later' | 'onAlarm'> & { now: () => number },
): Promise<OpenedService> {
  const anchors = await openAnchors(setup, now);
  const authenticate = anchors.authenticate?.bind(anchors);
  const service = await SigningService.open({
    folder: setup.folder,
    algorithm: algorithmNumber(setup.algorithm),
    now,
    // A time that is told is moved by hand: there is no steadier clock to hold it against.
    ...(setup.time === null ? {} : { steady: now }),
    ...(authenticate ? { authenticate: (_time, _root, published) => authenticate(published) } : {}),
    ...(setup.parent ? { parent: parentOf(setup.parent) } : {}),
    keepDays: setup.roundDays,
    ...options,
  });
  return { service, anchors };
}
