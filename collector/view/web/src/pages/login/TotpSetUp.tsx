import { Button, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { confirmTotp, offerTotp } from '../../api/access';
import { Loading } from '../../parts/Loading';
import { ProblemNotice } from '../../parts/Notice';
import { CommandBox } from '../enrol/CommandBox';
import { CodeForm } from './CodeForm';
import { RecoveryCodes } from './RecoveryCodes';

interface TotpSetUpProps {
  /** Of the second step that there is; "" where there is none. */
  code: string;
  onDone: () => void;
}

/** From the secret, over a first code, to the recovery codes. */
export function TotpSetUp({ code, onDone }: TotpSetUpProps) {
  const [codes, setCodes] = useState<string[] | null>(null);
  const offer = useMutation({ mutationFn: () => offerTotp(code) });
  const { mutate: begin } = offer;
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    begin();
  }, [begin]);

  if (codes) return <RecoveryCodes codes={codes} onDone={onDone} />;
  if (offer.error) return <ProblemNotice error={offer.error} retry={() => begin()} />;
  if (!offer.data) return <Loading label="the secret" height={120} />;
  const grouped = offer.data.secret.match(/.{1,4}/g)?.join(' ') ?? '';
  return (
    <Stack gap="sm">
      <Text size="sm">
        Add an account to the program on your phone that makes codes: open the address on the phone, or type the secret.
      </Text>
      <CommandBox command={grouped} name="Secret" />
      <Button component="a" href={offer.data.uri} size="xs" variant="default">
        Open in the program for codes
      </Button>
      <CodeForm
        name="Confirm the second step"
        action="Confirm"
        hint="The six digits that the phone shows now"
        send={confirmTotp}
        onDone={(made) => setCodes(made.codes)}
      />
    </Stack>
  );
}
