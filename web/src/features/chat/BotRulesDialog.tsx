import { useState, type FormEvent } from "react";
import { inWords } from "@/api/errors";
import { useUpdateBot } from "@/api/queries/bots";
import type { Bot } from "@/api/types";
import { Button, Dialog, SelectField, Switch, TextAreaField, TextField } from "@/ui";

type BotRulesDialogProps = { open: boolean; bot: Bot; onClose: () => void };

const MOST_SUGGESTIONS = 8;

/** Who a bot is, what it is asked to do, and what becomes of sentences without support. */
export function BotRulesDialog({ open, bot, onClose }: BotRulesDialogProps) {
  return (
    <Dialog open={open} title={`How ${bot.name} answers`} onClose={onClose} size="wide">
      {open && <RulesForm bot={bot} onClose={onClose} />}
    </Dialog>
  );
}

function RulesForm({ bot, onClose }: Omit<BotRulesDialogProps, "open">) {
  const [persona, setPersona] = useState(bot.persona);
  const [instructions, setInstructions] = useState(bot.instructions);
  const [greeting, setGreeting] = useState(bot.greeting);
  const [suggestions, setSuggestions] = useState(bot.suggestions.join("\n"));
  const [answers, setAnswers] = useState(bot.answer_policy);
  const [learnOnly, setLearnOnly] = useState(bot.learn_only_policy);
  const [cache, setCache] = useState(bot.cache_answers);
  const [remembers, setRemembers] = useState(bot.remembers);
  const [tone, setTone] = useState(bot.adapts_tone);
  const [contact, setContact] = useState(bot.human_contact);
  const update = useUpdateBot();
  const questions = suggestions
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const tooMany = questions.length > MOST_SUGGESTIONS;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (tooMany) return;
    const change = {
      persona,
      instructions,
      greeting,
      suggestions: questions,
      answer_policy: answers,
      learn_only_policy: learnOnly,
      cache_answers: cache,
      remembers,
      adapts_tone: tone,
      human_contact: contact.trim(),
    };
    update.mutate({ id: bot.id, ...change }, { onSuccess: onClose });
  };

  return (
    <form className="stack" onSubmit={submit}>
      <TextAreaField
        label="Persona"
        placeholder="A patient librarian who answers in plain words."
        hint="Who it is and how it speaks. A connected model reads this; quoted answers speak in your documents' words."
        maxLength={4000}
        value={persona}
        onChange={(event) => setPersona(event.target.value)}
      />
      <TextAreaField
        label="Instructions"
        placeholder="Name the form to use. For prices, say where they are printed."
        hint="What it should do beside the rules for all bots, which stand above these."
        maxLength={8000}
        value={instructions}
        onChange={(event) => setInstructions(event.target.value)}
      />
      <TextField
        label="Greeting"
        placeholder="Ask me about our timetables."
        maxLength={1000}
        value={greeting}
        onChange={(event) => setGreeting(event.target.value)}
      />
      <TextAreaField
        label="Suggested questions"
        placeholder={"When does the ferry leave?\nMay dogs come along?"}
        hint="One a line, eight at most."
        error={tooMany ? `These are ${questions.length} questions. Leave eight.` : null}
        maxLength={2000}
        value={suggestions}
        onChange={(event) => setSuggestions(event.target.value)}
      />
      <SelectField
        label="Sentences that no document supports"
        hint="Strict bots show a sentence only once it has been checked."
        value={answers}
        onChange={(event) => setAnswers(event.target.value === "strict" ? "strict" : "marked")}
      >
        <option value="marked">are shown and marked</option>
        <option value="strict">are withheld</option>
      </SelectField>
      <SelectField
        label="What learn-only sources may do"
        hint="They are never quoted or named."
        value={learnOnly}
        onChange={(event) => setLearnOnly(event.target.value === "background" ? "background" : "sealed")}
      >
        <option value="sealed">help to find what other sources say</option>
        <option value="background">inform answers in the bot's own words</option>
      </SelectField>
      <TextAreaField
        label="Who asks for a person is told"
        placeholder="Call the office on weekdays, 9 to 17, or write to help@example.com."
        hint="Empty: that nobody but this bot is here."
        rows={2}
        maxLength={1000}
        value={contact}
        onChange={(event) => setContact(event.target.value)}
      />
      <Switch checked={tone} onChange={setTone} label="Begin with an apology where somebody is angry" />
      <Switch checked={remembers} onChange={setRemembers} label="Remember what people tell about themselves" />
      <Switch checked={cache} onChange={setCache} label="Give the same answer again while nothing has changed" />
      {update.error && <p role="alert">{inWords(update.error)}</p>}
      <div className="dialog-actions">
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="primary" type="submit" busy={update.isPending} disabled={tooMany}>
          Save
        </Button>
      </div>
    </form>
  );
}
