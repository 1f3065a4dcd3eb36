# sisimai_all.pl FOLDER...: Sisimai over every message of the folders.
use strict;
use Sisimai;
use Time::HiRes 'time';

my (%reasons, $results);
my $read = Sisimai->can('rise') ? 'rise' : 'make';    # before version 5
my $began = time;
for my $folder (@ARGV) {
    my $found = Sisimai->$read($folder, delivered => 1, vacation => 1) or next;
    $results += @$found;
    $reasons{ $_->reason }++ for @$found;
}
my $took = time - $began;
my $summary = join ' ', map { "$_=$reasons{$_}" } sort { $reasons{$b} <=> $reasons{$a} } keys %reasons;
printf "sisimai %d results %.3f s %.0f/s %s\n", $results, $took, $results / $took, $summary;
