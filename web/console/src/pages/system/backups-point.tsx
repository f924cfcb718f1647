/** Point in time for the server's store, and what was found when store and lake were of different moments. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { type Answer, api } from '../../api/client.ts';
import { Num } from '../../components/figure.tsx';
import { Fact, Facts, Label, Panel } from '../../components/page.tsx';
import { problemOf } from '../../components/states.tsx';
import { Instant } from '../../components/value.tsx';
import { bytes, duration } from '../../format/index.ts';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';

type View = Answer<'/api/v1/backups'>;
type PointView = NonNullable<View['point']>;
type TurnView = View['turns'][number];

/** Which instants can be restored, and what waits. */
export function Point({ of: p }: { of: PointView }) {
  const { t, say, language } = useSpeech();
  const waits = p.waiting + p.retained;
  return (
    <Panel title={t('backups.point.title')}>
      {p.problem ? (
        <p className="bad-text" style={{ marginTop: 0 }}>
          {say(p.problem.title)}
        </p>
      ) : null}
      <Facts>
        <Fact label={t('backups.point.reach')} wide>
          {p.oldest && p.newest ? (
            <>
              <Instant at={p.oldest} /> – <Instant at={p.newest} />
            </>
          ) : (
            <span className="quiet">{t('backups.point.none')}</span>
          )}
        </Fact>
        <Fact label={t('backups.point.behind')}>{p.behind === null ? '—' : duration(p.behind, language)}</Fact>
        <Fact label={t('backups.point.kept')}>
          {t('backups.point.kept-text', { bases: p.bases, segments: p.segments, size: bytes(p.bytes) })}
        </Fact>
        <Fact label={t('backups.point.waits')}>
          {t('backups.point.waits-text', { size: bytes(waits), most: bytes(p.most) })}
        </Fact>
        <Fact label={t('backups.point.days')}>{t('backups.point.days-text', { n: p.days })}</Fact>
        {p.gaps.length ? (
          <Fact label={t('backups.point.gaps')} wide>
            {p.gaps.map((g) => (
              <div key={g.from} className="bad-text">
                <Instant at={g.from} /> – <Instant at={g.to} />
              </div>
            ))}
          </Fact>
        ) : null}
      </Facts>
      {p.unbounded ? (
        <p className="quiet" style={{ margin: '12px 0 0' }}>
          {t('backups.point.unbounded')}
        </p>
      ) : null}
    </Panel>
  );
}

/** A start that found store and lake of different moments: what was done, what is left, and that somebody saw to it. */
export function Turned({ of: turn }: { of: TurnView }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const { message, modal } = App.useApp();
  const client = useQueryClient();
  const settle = useMutation({
    mutationFn: () => api.post('/api/v1/backups/turns/{id}/settled', { params: { id: turn.id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['backups'] }),
    onError: (error) => void message.error(say(problemOf(error).title)),
  });
  const ask = () =>
    modal.confirm({
      title: t('backups.turn.settle'),
      content: t('backups.turn.settle-text'),
      okText: t('backups.turn.settle'),
      onOk: () => settle.mutateAsync().catch(() => undefined),
    });
  return (
    <Panel
      title={t('backups.turn.title')}
      extra={
        turn.settledAt === null && may('system.manage') ? (
          <Button size="small" onClick={ask}>
            {t('backups.turn.settle')}
          </Button>
        ) : null
      }
    >
      <p style={{ marginTop: 0 }}>{t(`backups.turn.behind.${turn.behind}`)}</p>
      <Facts>
        <Fact label={t('backups.turn.found')}>
          <Instant at={turn.foundAt} />
        </Fact>
        <Fact label={t('backups.turn.store')}>{turn.storeAt ? <Instant at={turn.storeAt} /> : '—'}</Fact>
        <Fact label={t('backups.turn.lake')}>{turn.lakeAt ? <Instant at={turn.lakeAt} /> : '—'}</Fact>
        {turn.settledAt ? (
          <Fact label={t('backups.turn.settled')}>
            <Instant at={turn.settledAt} /> {turn.settledBy}
          </Fact>
        ) : null}
      </Facts>
      <ul style={{ margin: '12px 0 0', paddingInlineStart: 20 }}>
        {turn.steps.map((s) => (
          <li key={s.id} style={{ marginBottom: 4 }}>
            {s.left ? (
              <Label tone="warn">{t('backups.turn.left')}</Label>
            ) : (
              <Label tone="good">{t('backups.turn.did')}</Label>
            )}{' '}
            {say(s.text)} (<Num value={s.count} exact />)
          </li>
        ))}
      </ul>
    </Panel>
  );
}
