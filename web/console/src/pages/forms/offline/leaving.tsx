/** Signing out with work on this phone that the hub does not have: said before, and kept for the same person. */
import { App } from 'antd';
import { useSpeech } from '../../../i18n/index.ts';
import { useSession } from '../../../session/session.tsx';

/** Asks where there is something to ask; answers whether to sign out. */
export function useLeaving(): () => Promise<boolean> {
  const { modal } = App.useApp();
  const { t } = useSpeech();
  const { me, may } = useSession();
  return async () => {
    let [drafts, waiting] = [0, 0];
    if (may('forms.fill')) {
      const { unsentOf } = await import('./store.ts');
      ({ drafts, waiting } = await unsentOf(me.user.id).catch(() => ({ drafts: 0, waiting: 0 })));
    }
    if (may('event.report')) {
      const { fieldUnsent } = await import('../../events/field/store.ts');
      waiting += await fieldUnsent(me.user.id).catch(() => 0);
    }
    if (drafts + waiting === 0) return true;
    return modal.confirm({
      title: t('forms.leaving.title'),
      content: t('forms.leaving.text', { waiting, drafts }),
      okText: t('forms.leaving.go'),
      cancelText: t('forms.leaving.stay'),
    });
  };
}
