/** Signing and verifying files by drag and drop. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Tabs } from 'antd';
import { Page } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { useSession } from '../../session/session.tsx';
import { statusQuery } from './service.ts';
import { ServiceNote } from './service-note.tsx';
import { SignPanel } from './sign-panel.tsx';
import { VerifyPanel } from './verify-panel.tsx';

export default function Trust() {
  const { t } = useSpeech();
  const { may } = useSession();
  const url = useUrlState();
  const status = useQuery(statusQuery);
  const tabs = [
    ...(may('seal.sign')
      ? [
          {
            key: 'sign',
            label: t('trust.sign.title'),
            children: (
              <div className="stack">
                <ServiceNote query={status} onlyAlarm />
                <SignPanel />
              </div>
            ),
          },
        ]
      : []),
    { key: 'verify', label: t('trust.verify.title'), children: <VerifyPanel /> },
  ];
  return (
    <Page
      title={t('titles.trust')}
      lead={t('trust.lead')}
      actions={
        <>
          <Link to="/trust/publications">{t('titles.publications')}</Link>
          <Link to="/verify">{t('trust.public-page')}</Link>
        </>
      }
    >
      <Tabs
        items={tabs}
        activeKey={url.get('tab') || tabs[0]!.key}
        onChange={(tab) => url.set({ tab }, { replace: true })}
      />
    </Page>
  );
}
