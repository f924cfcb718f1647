/** A value after protection: plain, masked, withheld, or as it was written because it could not be cleaned. */
import { EyeOutlined, StopOutlined, WarningOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import { useState } from 'react';
import { Unit } from '../../components/figure.tsx';
import { Value } from '../../components/value.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { useSession } from '../../session/session.tsx';
import { RevealDialog } from './reveal.tsx';

export interface CellLike {
  value: string | null;
  shown: 'plain' | 'masked' | 'hidden';
  flagged?: true | undefined;
  token?: string | undefined;
}

export function Cell({
  cell,
  unit,
  mono,
}: {
  cell: CellLike | null | undefined;
  unit?: string | null;
  mono?: boolean;
}) {
  const { t } = useSpeech();
  const { may } = useSession();
  const [asking, setAsking] = useState(false);
  if (!cell) return <span className="quiet">—</span>;
  if (cell.shown === 'hidden') {
    return (
      <span className="quiet nowrap">
        <StopOutlined aria-hidden="true" /> {t('common.hidden')}
      </span>
    );
  }
  const revealable = Boolean(cell.token) && cell.shown === 'masked' && may('vault.reveal');
  return (
    <span className={revealable ? 'with-token' : undefined}>
      {cell.flagged ? (
        <Tooltip title={t('credit.flagged')}>
          <span className="flagged">
            {cell.value} <WarningOutlined aria-label={t('credit.flagged')} />
          </span>
        </Tooltip>
      ) : (
        <Value value={cell.value} masked={cell.shown === 'masked'} {...(mono ? { mono } : {})} />
      )}
      {cell.value && !cell.flagged ? <Unit of={unit} /> : null}
      {revealable && cell.token ? (
        <>
          <Button
            size="small"
            type="text"
            icon={<EyeOutlined />}
            aria-label={t('credit.reveal.title')}
            onClick={() => setAsking(true)}
          />
          {asking ? (
            <RevealDialog token={cell.token} masked={cell.value ?? ''} onClose={() => setAsking(false)} />
          ) : null}
        </>
      ) : null}
    </span>
  );
}
