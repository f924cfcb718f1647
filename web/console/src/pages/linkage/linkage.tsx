/** 概率关联: what the keys left open, how far the review is, which parameters are in force. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Fact, Facts, Label, Page, Panel } from '../../components/page.tsx';
import { Empty, Failure, Loaded } from '../../components/states.tsx';
import { Instant } from '../../components/value.tsx';
import { full, percent } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';

type Library = Answer<'/api/v1/linkage'>['libraries'][number];

export default function Linkage() {
  const { t, say } = useSpeech();
  const query = useQuery({
    queryKey: ['linkage'],
    queryFn: ({ signal }) => api.get('/api/v1/linkage', { signal }),
  });
  return (
    <Page title={t('titles.linkage')} lead={t('linkage.lead')}>
      <Loaded query={query}>
        {(data) => (
          <div className="stack">
            {data.problems.length > 0 ? (
              <div className="note bad" role="alert">
                <p className="strong">{t('linkage.problems')}</p>
                {data.problems.map((p) => (
                  <p key={`${p.code} ${p.place}`} className="small">
                    <span className="mono">{p.place}</span> {say(p)} <span className="mono quiet">{p.code}</span>
                  </p>
                ))}
              </div>
            ) : null}
            {data.libraries.length === 0 ? (
              <div className="panel">
                <Empty title={t('linkage.none')}>{t('linkage.none-text')}</Empty>
              </div>
            ) : null}
            {data.libraries.map((one) => (
              <OneLibrary key={one.library} one={one} />
            ))}
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function OneLibrary({ one }: { one: Library }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const { message } = App.useApp();
  const client = useQueryClient();
  const navigate = useNavigate();
  const learn = useMutation({
    mutationFn: () => api.post('/api/v1/linkage/{library}/learn', { params: { library: one.library } }),
    onSuccess: () => {
      message.success(t('linkage.learn-asked'));
      setTimeout(() => void client.invalidateQueries({ queryKey: ['linkage'] }), 15_000);
    },
  });
  const params = { library: one.library } as never;
  const open = one.open.reduce((n, r) => n + r.rows, 0);
  const share = one.progress.pairs > 0 ? one.progress.decided / one.progress.pairs : 1;
  return (
    <Panel title={say(one.title)} extra={one.due ? <Label tone="info">{t('linkage.due')}</Label> : null}>
      <div className="stack-s">
        <Facts>
          <Fact label={t('linkage.linked')}>
            <b className="num">{full(one.linked)}</b>
          </Fact>
          <Fact label={t('linkage.open-rows')}>
            <span className="num">{full(open)}</span>
          </Fact>
          <Fact label={t('linkage.left')}>
            <span className="num">{full(one.progress.left)}</span>
          </Fact>
          <Fact label={t('linkage.decided')}>
            <span className="num">
              {full(one.progress.decided)} / {full(one.progress.pairs)}
            </span>
          </Fact>
          <Fact label={t('linkage.disputed')}>
            <span className="num">{full(one.progress.disputed)}</span>
          </Fact>
        </Facts>
        <span
          className="bar"
          role="img"
          aria-label={t('linkage.progress', { share: percent(share, 0) })}
          style={{ inlineSize: '100%' }}
        >
          <span style={{ width: `${share * 100}%`, background: 'var(--jw-primary)' }} />
        </span>
        <p className="small quiet">
          {one.open
            .map((r) => `${t(`linkage.reason.${r.reason}`, { defaultValue: r.reason })} ${full(r.rows)}`)
            .join(' · ')}
        </p>
        <p className="small">
          {one.inForce ? (
            <>
              {t('linkage.in-force', { n: one.inForce.version })}{' '}
              <span className="quiet">
                <Instant at={one.inForce.inForceAt} /> · {t('linkage.precision')}{' '}
                {one.inForce.measure.precision === null ? '—' : percent(one.inForce.measure.precision, 2)} ·{' '}
                {t('linkage.recall')}{' '}
                {one.inForce.measure.recall === null ? '—' : percent(one.inForce.measure.recall, 1)}
              </span>
            </>
          ) : (
            <span className="quiet">{t('linkage.no-version')}</span>
          )}{' '}
          {one.proposed ? <Label tone="warn">{t('linkage.proposed-n', { n: one.proposed.version })}</Label> : null}
        </p>
        {learn.isError ? <Failure error={learn.error} /> : null}
        <div className="row wrap">
          <Button
            type="primary"
            onClick={() => void navigate({ to: `/linkage/${one.library}/review` as never })}
            disabled={one.progress.left === 0}
          >
            {t('linkage.start')}
          </Button>
          {may('linkage.manage') ? (
            <>
              <Link to={'/linkage/$library/disagreements' as never} params={params}>
                {t('titles.disagreements')}
              </Link>
              <Link to={'/linkage/$library/open' as never} params={params}>
                {t('titles.open-rows')}
              </Link>
              <Link to={'/linkage/$library/versions' as never} params={params}>
                {t('titles.linkage-versions')}
              </Link>
              <Link to={'/linkage/$library/explain' as never} params={params}>
                {t('titles.explain')}
              </Link>
              <Button size="small" loading={learn.isPending} onClick={() => learn.mutate()}>
                {t('linkage.learn')}
              </Button>
            </>
          ) : null}
        </div>
      </div>
    </Panel>
  );
}
