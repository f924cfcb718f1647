/** From an event to command: a plan is started because of it; the operation's log leads back. */
import { useQuery } from '@tanstack/react-query';
import { Button, Modal, Select } from 'antd';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { Loaded } from '../../components/states.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { StartForm, type Target } from '../command/start.tsx';
import { type CityEvent, useNames, usePlace } from './shared.tsx';

export function StartPlan({ event }: { event: CityEvent }) {
  const { t, say } = useSpeech();
  const { may } = useSession();
  const names = useNames();
  const place = usePlace();
  const [choosing, setChoosing] = useState(false);
  const [plan, setPlan] = useState<string>();
  const [target, setTarget] = useState<Target>();
  const plans = useQuery({
    queryKey: ['command', 'plans'],
    queryFn: ({ signal }) => api.get('/api/v1/command/plans', { signal }),
    enabled: choosing,
  });
  if (!may('command.act')) return null;
  const chosen = plans.data?.items.find((p) => p.id === plan);
  const go = () => {
    if (!chosen) return;
    const title = names.catalogue?.matters.find((m) => m.id === event.matter)?.title;
    setChoosing(false);
    setTarget({
      plan: chosen.id,
      title: `${say(chosen.title)} · ${place(event)}`.slice(0, 100),
      levels: chosen.levels.map((l) => l.level),
      grounds: `${event.number} ${event.text}`.slice(0, 900),
      causes: [
        {
          kind: 'event',
          key: String(event.id),
          title: {
            zh: `事件 ${event.number} ${title?.zh ?? ''}`.trim(),
            en: `Event ${event.number} ${title?.en ?? ''}`.trim(),
          },
        },
      ],
      ...(event.longitude === null || event.latitude === null ? {} : { lon: event.longitude, lat: event.latitude }),
    });
  };
  return (
    <>
      <Button onClick={() => setChoosing(true)}>{t('events.start-plan')}</Button>
      <Modal
        open={choosing}
        title={t('events.start-plan')}
        onCancel={() => setChoosing(false)}
        onOk={go}
        okText={t('common.next')}
        cancelText={t('common.cancel')}
        okButtonProps={{ disabled: !chosen }}
      >
        <Loaded query={plans}>
          {({ items }) => (
            <Select
              aria-label={t('events.which-plan')}
              placeholder={t('events.which-plan')}
              style={{ inlineSize: '100%' }}
              showSearch={{ optionFilterProp: 'label' }}
              value={plan ?? null}
              options={items.map((p) => ({ value: p.id, label: say(p.title) }))}
              onChange={setPlan}
            />
          )}
        </Loaded>
      </Modal>
      <StartForm target={target} onClose={() => setTarget(undefined)} />
    </>
  );
}
