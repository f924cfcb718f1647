/** What waits on the phone: how far each is, and what the hub refused with its reason, to be written anew or thrown away. */
import { Link, useNavigate } from '@tanstack/react-router';
import { App, Button } from 'antd';
import { Label } from '../../../components/page.tsx';
import { Empty } from '../../../components/states.tsx';
import { Instant } from '../../../components/value.tsx';
import { useSpeech } from '../../../i18n/index.ts';
import { useField } from './field.tsx';
import type { Waiting } from './model.ts';
import { useKept } from './names.ts';

const tones = { waiting: 'info', sending: 'primary', refused: 'bad', conflict: 'bad' } as const;

export function WaitingCard({ item }: { item: Waiting }) {
  const { t, say } = useSpeech();
  const { modal } = App.useApp();
  const { store, refresh, progress } = useField();
  const navigate = useNavigate();
  const stopped = item.standing === 'refused' || item.standing === 'conflict';
  const again = async () => {
    await store.takeBack(item.id, item.draft);
    await refresh();
    if (item.operation.kind === 'step')
      void navigate({ to: '/field/tasks/$event', params: { event: String(item.operation.event) } as never });
    else void navigate({ to: '/field/report' });
  };
  const discard = () =>
    modal.confirm({
      title: t('events.field.discard'),
      content: t('events.field.discard-text'),
      okText: t('events.field.discard-go'),
      okButtonProps: { danger: true },
      cancelText: t('common.cancel'),
      onOk: async () => {
        await store.discard(item.id, item.pictures);
        await refresh();
      },
    });
  return (
    <li className="collect-card">
      <div className="row spread">
        <h3>{item.caption}</h3>
        <Label tone={tones[item.standing]}>{t(`events.field.standing.${item.standing}`)}</Label>
      </div>
      {item.draft.text ? <p className="event-row-text">{item.draft.text}</p> : null}
      <p className="small quiet">
        <Instant at={item.at} />
        {item.pictures.length ? ` · ${t('events.n-pictures', { n: item.pictures.length })}` : ''}
        {progress?.key === item.id && progress.all
          ? ` · ${t('forms.collect.files', { n: progress.done, all: progress.all })}`
          : ''}
      </p>
      {item.fault ? <p className={stopped ? 'note bad' : 'small warn-text'}>{say(item.fault)}</p> : null}
      {stopped ? (
        <div className="row">
          <Button type="primary" onClick={() => void again()}>
            {t('events.field.again')}
          </Button>
          <Button danger onClick={discard}>
            {t('events.field.discard-go')}
          </Button>
        </div>
      ) : null}
    </li>
  );
}

export function WaitingList() {
  const { t } = useSpeech();
  const { held } = useField();
  const kept = useKept();
  return (
    <>
      {held.waiting.length ? (
        <ul className="collect-list">
          {held.waiting.map((item) => (
            <WaitingCard key={item.id} item={item} />
          ))}
        </ul>
      ) : (
        <Empty title={t('events.field.no-waiting')}>{t('events.field.no-waiting-text')}</Empty>
      )}
      {held.sent.length ? (
        <section className="stack-s">
          <h2 className="field-head">{t('events.field.sent')}</h2>
          <ul className="collect-list">
            {held.sent.slice(0, 30).map((s) => (
              <li key={s.key} className="collect-card">
                <div className="row spread">
                  <h3>
                    {s.event === null ? (
                      s.caption
                    ) : (
                      <Link to="/events/$event" params={{ event: String(s.event) } as never}>
                        {s.caption}
                      </Link>
                    )}
                  </h3>
                  {s.state ? <Label tone="good">{kept.state(s.state)}</Label> : null}
                </div>
                <p className="small quiet">
                  {s.number} · {t('events.field.kept-at')} <Instant at={s.keptAt} />
                  {s.joined ? ` · ${t('events.field.joined')}` : ''}
                </p>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  );
}
