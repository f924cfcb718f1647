/** One natural person: shareholdings, offices and the enterprises around, as a network that can be walked. */
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Segmented } from 'antd';
import { api } from '../../api/client.ts';
import { Page, Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useUrlState } from '../../router.tsx';
import { PurposeNote } from '../../session/purpose-note.tsx';
import Network from './network.tsx';
import { OriginDrawer } from './origin.tsx';
import { PersonCard } from './persons.tsx';

export default function Person() {
  const { t } = useSpeech();
  const url = useUrlState();
  const { person: node } = useParams({ strict: false }) as { person: string };
  const token = node.startsWith('p:') ? node.slice(2) : '';
  const depth = Math.min(3, Math.max(1, url.number('depth', 2)));
  const persons = useQuery({
    queryKey: ['credit', 'person', token],
    queryFn: ({ signal }) => api.get('/api/v1/credit/persons', { query: { token, limit: 1 }, signal }),
    enabled: token !== '',
  });
  const fact = url.get('fact');
  return (
    <Page
      title={t('titles.person')}
      back={{ to: '/credit/persons', label: t('titles.persons') }}
      lead={<PurposeNote />}
    >
      <div className="stack">
        {token ? (
          <Loaded query={persons}>
            {(data) => data.persons.map((person) => <PersonCard key={person.node} person={person} linked={false} />)}
          </Loaded>
        ) : (
          <p className="note small">{t('credit.persons.no-identity-text')}</p>
        )}
        <Panel
          title={t('credit.network.title')}
          flush
          extra={
            <Segmented
              size="small"
              aria-label={t('credit.network.depth')}
              value={depth}
              onChange={(value) => url.set({ depth: Number(value) === 2 ? undefined : Number(value), walk: undefined })}
              options={[1, 2, 3].map((value) => ({ value, label: t('credit.network.steps', { n: value }) }))}
            />
          }
        >
          <Network key={`${node}-${depth}`} root={node} depth={depth} />
        </Panel>
      </div>
      {fact ? <OriginDrawer fact={fact} onClose={() => url.set({ fact: undefined })} /> : null}
    </Page>
  );
}
