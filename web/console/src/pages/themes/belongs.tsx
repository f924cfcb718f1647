/** The themes that an entity belongs to, as a line of labels; of an enterprise with the way to its economic sheet. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client.ts';
import { Label } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';

export function Belongs({ library, entity }: { library: string; entity: string }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const themes = useQuery({
    queryKey: ['themes', 'belonging', library, entity],
    queryFn: ({ signal }) =>
      api.get('/api/v1/libraries/belonging/{library}/{entity}', {
        params: { library, entity: Number(entity) },
        signal,
      }),
    enabled: may('library.read'),
    retry: false,
  });
  const economy = library === 'legal-person' && may('economy.detail');
  if (!economy && !themes.data?.items.length) return null;
  return (
    <p className="row small" style={{ gap: 8, flexWrap: 'wrap' }}>
      {economy ? (
        <Link to="/economy/enterprises/$entity" params={{ entity } as never}>
          {t('economy.figures-link')}
        </Link>
      ) : null}
      {themes.data?.items.length ? <span className="quiet">{t('themes.belongs')}</span> : null}
      {themes.data?.items.map((x) => (
        <Link key={x.id} to="/themes/$theme/$entity" params={{ theme: x.id, entity } as never}>
          <Label tone="info">{say(x.title)}</Label>
        </Link>
      ))}
    </p>
  );
}
