import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { Empty } from '../components/states.tsx';
import { useSpeech } from '../i18n/index.ts';
import { startPage } from '../pages.ts';
import { useSession } from '../session/session.tsx';

/** The address names no page. */
export function NotFound() {
  const { t } = useSpeech();
  const { held } = useSession();
  return (
    <>
      <h1 className="visually-hidden">{t('titles.not-found')}</h1>
      <Empty
        title={t('frame.not-found.title')}
        action={
          <Link to={startPage(held)}>
            <Button type="primary" tabIndex={-1}>
              {t('frame.home')}
            </Button>
          </Link>
        }
      >
        {t('frame.not-found.text')}
      </Empty>
    </>
  );
}

/** The page exists, but not for this person's roles. */
export function Forbidden() {
  const { t } = useSpeech();
  const { held } = useSession();
  return (
    <>
      <h1 className="visually-hidden">{t('titles.forbidden')}</h1>
      <Empty
        title={t('frame.forbidden.title')}
        action={
          <Link to={startPage(held)}>
            <Button type="primary" tabIndex={-1}>
              {t('frame.home')}
            </Button>
          </Link>
        }
      >
        {t('frame.forbidden.text')}
      </Empty>
    </>
  );
}
