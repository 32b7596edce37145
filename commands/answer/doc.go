// Package answer says what a sentence asks for, what to do about it, and which
// entries of the FAQ fit it. It works in-process, offline, in French and
// English; it knows no room, no person and no store.
//
// # How a sentence is understood
//
// Package text folds it (case, accents, SMS spellings), puts placeholders for
// addresses, names and numbers, and turns it into features: stems, pairs of
// stems, pieces of words against typos, and concepts (families of words, in
// text/concepts.txt) alone and in pairs. Package model weighs them: one linear
// classifier over the 25 ids and None, one byte a weight. Decide then starts
// something, offers two or three things, or stays silent, by the thresholds of
// Options. A line not addressed to the bot must also ask or complain, and call
// nobody by name, before its probability even counts.
//
// To teach it: add lines to a file in corpus, or words to text/concepts.txt,
// and run go generate in this folder; a test fails until that is done.
//
// # How the corpus was made, and its test part kept apart
//
// Every line was written for this project; no member's words are in it. One file
// is one way of writing, and a whole file is train, dev or test (see package
// corpus). The model that ships learnt train and dev. Methods, settings and
// thresholds were chosen on dev and on styles left out of training; test was
// written before the second half of train, with personas of its own, and its
// mistakes were never looked at one by one, only counted. No sentence stands in
// two parts, which a test checks.
//
// Honestly: one author imagined all the personas, so test is nearer to train
// than real members will be. The table of styles left out says what to expect of
// somebody who writes like none of them.
//
// # Methods compared
//
// Learnt on train (4242 lines), go run ./train -compare. A tie is lost; top1 and
// top3 rank the wanting lines among the 25 ids, quiet is the share of None lines
// that None wins before any threshold.
//
//	                                              dev                  test
//	                                        top1  top3  quiet    top1  top3  quiet
//	keyword list (one concept, most lines)  .445  .815  .700     .410  .786  .727
//	nearest neighbour, cosine               .850  .954  .800     .829  .957  .745
//	nearest centroid, cosine                .838  .942  .625     .838  .948  .727
//	multinomial naive Bayes                 .954  .994  .900     .957 1.000  .891
//	logistic regression, words              .879  .988  .950     .924  .986  .982
//	logistic regression, characters         .925  .988  .975     .933  .986  .927
//	logistic regression, both               .936  .988  .975     .952  .986  .982
//	logistic regression, all features       .965 1.000  .975     .967 1.000  .927
//	the same + naive Bayes (ships)          .965 1.000  .975     .967 1.000  .927
//
// The last two are level here. Over styles left out, two at a time, the blend was
// the better one (measured on the 3935 lines of before): top1 .849 against .843,
// top3 .961 against .956.
//
// Learning curve on test, go run ./train -curve:
//
//	 531 lines  top1 .790  top3 .914
//	1061 lines  top1 .867  top3 .938
//	2121 lines  top1 .933  top3 .981
//	4242 lines  top1 .967  top3 1.000
//
// Each style by a model that never saw it, go run ./train -styles: top1 from .788
// (sentences built to be confused) to .966 (search words), stories told as on the
// telephone .832 and .880; top3 .94 to 1.00. Over the 15 styles that were there
// before the last three were written, top1 rose from .876 to .885 and top3 from .976 to
// .980 by them. The temperature that makes these probabilities honest was 1.07 before
// and is 1.05 with them; 1.1 ships.
//
// # The shipped model on test
//
// 265 lines, of which 210 want something: top1 .971, top3 1.000, wrong_start .014,
// missed 0, false_alarm 0 (of 55); French .973, English .969; French without
// accents 1.000. 92 % of the wanting lines are answered without a question; said
// in a room to nobody, 63 % would be. Over styles left out, before the last three, it
// was about .025 wrong starts and .01 false alarms, and 42 % answered unprompted.
//
// # What is a matter of taste
//
// To become a member is billing; to create a subdomain is hosting_howto, but a record or
// a name that should point elsewhere is domain_dns; a newsletter that nobody gets is
// mail_send, and mail_spam once it is found among the junk; what the host keeps of
// connections is nolog. Some lines of dev and test say otherwise; they were left alone.
package answer
