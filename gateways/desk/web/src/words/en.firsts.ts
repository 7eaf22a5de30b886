// What the page says about writing first, and about what stands on a mail beside its words, in English.

export const enFirsts = {
  firsts: {
    open: "New message",
    heading: "New message",
    account: "Through",
    address: { phone: "Phone", email: "E-mail", id: "Their id in this channel" },
    wrong: {
      phone: "Write the whole number, with + and the code of the country.",
      email: "This is no e-mail address: it looks like anna@example.com.",
      id: "Write their id as this channel knows it, on one line.",
    },
    name: "Name (optional)",
    text: "Message",
    copies: "Copy to (optional)",
    copiesHint: "Addresses with commas between them",
    copiesWrong: "One of these is no e-mail address.",
    send: "Send",
    keys: "Ctrl+Enter sends",
    goThere: "Go to the conversation",
    writeTo: "Write",
    writeToWhom: (address: string) => `Write to ${address}`,
    change: "Subject and copies…",
    usual: "As usual",
    changing: "Subject and copies of the answer",
    opened: "The conversation began with our message",
    reopened: "The conversation is open anew",
    started: (who: string) => `${who} wrote first`,
  },
};
